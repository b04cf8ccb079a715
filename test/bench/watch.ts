import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Watches what commands do that run in its environment: which containers they start, and what memory Pulumi's program takes. */
export class Watch {
  readonly env: NodeJS.ProcessEnv;
  private readonly directory = mkdtempSync(join(tmpdir(), "rocketchat-bench-watch-"));
  private readonly calls = join(this.directory, "calls");
  private readonly memory = join(this.directory, "memory");

  constructor() {
    const bin = join(this.directory, "bin");
    const docker = execFileSync("sh", ["-c", "command -v docker"], { encoding: "utf8" }).trim();
    mkdirSync(bin);
    writeFileSync(join(bin, "docker"), `#!/bin/sh\necho "$1" >> '${this.calls}'\nexec '${docker}' "$@"\n`);
    chmodSync(join(bin, "docker"), 0o755);
    const hook = join(this.directory, "memory.cjs");
    writeFileSync(hook, noting(this.memory));
    this.env = {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}`,
      NODE_OPTIONS: `--require ${hook}`,
    };
  }

  /** What was seen since it was last asked. */
  taken(): { throwAways: number; peakMiB?: number } {
    const throwAways = linesOf(this.calls).filter((call) => call === "run").length;
    const program = linesOf(this.memory).filter((line) => /@pulumi\/pulumi\/cmd\/run/.test(line));
    const peaks = program.map((line) => Math.round(parseInt(line) / 1024));
    for (const file of [this.calls, this.memory]) rmSync(file, { force: true });
    return { throwAways, ...(peaks.length > 0 && { peakMiB: Math.max(...peaks) }) };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Loaded into each Node: notes at its end what the most was that it held. `maxRSS` counts whoever started it as well. */
const noting = (file: string) => `
const { appendFileSync, readFileSync } = require("node:fs");
process.on("exit", () => {
  const [, peak] = /^VmHWM:\\s*(\\d+)/m.exec(readFileSync("/proc/self/status", "utf8"));
  appendFileSync(${JSON.stringify(file)}, peak + " " + process.argv[1] + "\\n");
});
`;

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}
