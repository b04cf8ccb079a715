import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files of a layer that take longest begin first, before them those that nobody has measured; the others as vitest has them. What a
 * file took once, its hooks included, stands in `durations.json`: a run prints it anew (`durations.ts`).
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root } = this.ctx.config;
    const durations = JSON.parse(readFileSync(join(root, "test/durations.json"), "utf8")) as Record<
      string,
      number
    >;
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project.name))];
    const layer = ({ project }: TestSpecification) => projects.indexOf(project.name);
    const seconds = ({ moduleId }: TestSpecification) => durations[relative(root, moduleId)] ?? 3600;
    return sorted.sort((a, b) => layer(a) - layer(b) || seconds(b) - seconds(a));
  }
}
