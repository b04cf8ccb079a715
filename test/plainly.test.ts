import { RunError } from "@pulumi/pulumi/errors";
import { afterEach, expect, it } from "vitest";
import { plainly } from "../settings/plainly";

const { prepareStackTrace } = Error as { prepareStackTrace?: unknown };
afterEach(() => {
  (Error as { prepareStackTrace?: unknown }).prepareStackTrace = prepareStackTrace;
});

async function thrownBy(error: unknown): Promise<RunError> {
  try {
    await plainly(() => Promise.reject(error as Error))();
  } catch (thrown) {
    if (thrown instanceof RunError) return thrown;
  }
  throw new Error("no RunError was thrown");
}

it("a fault of the program keeps its words and its place, and nothing for Pulumi to format", async () => {
  const { message, stack } = await thrownBy(new TypeError("x is undefined"));
  expect(message).toMatch(/^a fault of this program.*\nTypeError: x is undefined\n +at .*plainly\.test\.ts/);
  expect(stack).toBe("");
});

it("a refusal is told as it is", async () => {
  const { message, stack } = await thrownBy(new RunError("hostname  is required"));
  expect([message, stack]).toEqual(["hostname  is required", ""]);
});

it("what is thrown and no error is told, too", async () => {
  expect((await thrownBy("words")).message).toMatch(/\nwords$/);
});

it("what a program answers is handed on", async () => {
  expect(await plainly(() => Promise.resolve(7))()).toBe(7);
});
