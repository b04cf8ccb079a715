import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(__dirname, "..");
const commands = readdirSync(join(root, "commands")).filter((file) => file.endsWith(".ts"));

/** Loads every command, and says which of them are the first to load something of Pulumi's SDK. */
const probe = `
  const Module = require("node:module"), load = Module._load, found = {};
  let command;
  Module._load = function (name, ...rest) {
    if (/^@pulumi\\//.test(name)) found[command] = name;
    return load.call(this, name, ...rest);
  };
  const steps = require.resolve("./terminal/steps.ts");
  const all = require(steps);
  require.cache[steps].exports = { ...all, main: () => undefined };
  for (command of process.argv.slice(1)) require("./commands/" + command);
  console.log(JSON.stringify(found));
  process.exit();
`;

it("no command loads Pulumi's SDK, which takes a third of a second", () => {
  const { stdout, stderr } = spawnSync(process.execPath, ["--require", "tsx/cjs", "-e", probe, ...commands], {
    cwd: root,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] },
  });
  expect(commands.length).toBeGreaterThan(20);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({});
});
