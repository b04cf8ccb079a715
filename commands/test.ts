// npm test: unit and integration tests, the latter on a real engine. `npm run test:unit`, `npm run test:integration`,
// `npm run test:deep` and `npm run test:faults` run one layer; the deep one repeats, races and kills, the last one breaks engines
// of its own. `--image IMAGE` tries another image of Rocket.Chat, a real one for instance. Ends with the line `N passed, N failed`.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineEnvironment } from "../machine/engine-environment";
import { given } from "./stack/arguments";
import { interactive, main } from "../terminal/steps";

const layers = ["unit", "integration", "deep", "faults"] as const;
const byDefault: readonly Layer[] = ["unit", "integration"];
type Layer = (typeof layers)[number];

interface Count {
  passed: number;
  failed: number;
}

main(async (args) => {
  const { options, rest } = given("test", args);
  // In place of the settings' or the stand-in.
  if (options.image !== undefined) process.env["ROCKETCHAT_IMAGE"] = options.image;
  const named = layers.filter((layer) => rest.includes(layer));
  const wanted = rest.length === 0 ? byDefault : named;
  const filters = rest.filter((arg) => !(layers as readonly string[]).includes(arg));
  const total: Count = { passed: 0, failed: 0 };
  for (const layer of wanted) {
    const count = await run(layer, filters);
    total.passed += count.passed;
    total.failed += count.failed;
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
});

async function run(layer: Layer, filters: string[]): Promise<Count> {
  const env = layer === "unit" ? process.env : await engineEnvironment();
  const directory = mkdtempSync(join(tmpdir(), "rocketchat-test-"));
  const report = join(directory, "report.json");
  const status = await interactive({
    command: process.execPath,
    args: [
      join("node_modules", "vitest", "vitest.mjs"),
      "run",
      "--project",
      layer,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...(layer === "unit" ? [] : ["--reporter=./test/durations.ts"]),
      ...filters,
    ],
    env,
  });
  const { numPassedTests, numFailedTests } = readReport(report);
  rmSync(directory, { recursive: true });
  // A file that does not load, or an error outside every test, fails the run without a failed test.
  return { passed: numPassedTests, failed: status === 0 ? numFailedTests : Math.max(1, numFailedTests) };
}

function readReport(file: string): { numPassedTests: number; numFailedTests: number } {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { numPassedTests: number; numFailedTests: number };
  } catch {
    return { numPassedTests: 0, numFailedTests: 1 };
  }
}
