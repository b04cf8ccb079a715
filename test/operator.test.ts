import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { withOperator } from "../terminal/operator";
import { OperatorError } from "../terminal/steps";

const stdin = Object.getOwnPropertyDescriptor(process, "stdin")!;
let said: string;

beforeEach(() => {
  said = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  Object.defineProperty(process, "stdin", stdin);
});

/** What the operator types, until the input ends. */
function types(...lines: string[]): void {
  const value = Readable.from(lines.map((line) => `${line}\n`));
  Object.defineProperty(process, "stdin", { ...stdin, get: () => value });
}

const confirm = () =>
  withOperator((operator) => operator.confirm("prod", "npm run restore", "nothing was changed"));

it("goes on once the stack's name was typed", async () => {
  types(" prod ");
  await confirm();
  expect(said).toBe("Type the stack's name to go on:\n");
});

it.each([
  [["yes"], '"yes"'],
  [["prod2", "prod"], '"prod2"'],
  [[], '""'],
])("ends there where %j was typed, and says so", async (lines, got) => {
  types(...lines);
  await expect(confirm()).rejects.toThrow(
    new OperatorError(`npm run restore: wants the stack's name prod (got ${got}); nothing was changed`),
  );
});

it("tells whoever goes on otherwise whether the name was typed", async () => {
  types("no", "prod");
  const answers = await withOperator(async (operator) => [
    await operator.agrees("prod"),
    await operator.agrees("prod"),
  ]);
  expect(answers).toEqual([false, true]);
});
