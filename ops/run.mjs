// Runs a command of this project: `node ops/run.mjs COMMAND [ARGUMENTS]`. Needs nothing but Node, so that it works in a fresh
// clone: it installs the npm packages when they are not there or not the ones of package-lock.json.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);

const [command, ...args] = process.argv.slice(2);
const script = join(root, "ops", "cli", `${command}.ts`);
if (!command || !existsSync(script))
  fail(`ops/run.mjs: is followed by a command of package.json (got ${JSON.stringify(command ?? "nothing")})`);
if (Number(process.versions.node.split(".")[0]) < 20) {
  fail(
    `Node: must be 20 or later (got ${process.versions.node}); install a newer one, from nodejs.org or your distribution`,
  );
}

// Without `--` in front npm keeps an option for itself, and the command would take the stack `local`.
for (const option of optionsOf(command)) {
  const value = process.env[`npm_config_${option.replaceAll("-", "_")}`];
  if (value === undefined) continue;
  const given = `--${option}${value === "true" ? "" : `=${value}`}`;
  fail(
    `npm run: must have -- before the options of a command (got ${given} without it); put it there: npm run ${process.env.npm_lifecycle_event ?? command} -- ${given}`,
  );
}

installPackages();
// Everything that opens an ssh connection to an engine shares one: see ops/ssh/ssh.
const env = { ...process.env, PATH: `${join(root, "ops", "ssh")}${delimiter}${process.env.PATH ?? ""}` };
// Ctrl-C reaches the command as well, which ends in its own way: the terminal is kept until then.
process.on("SIGINT", () => {});
const child = spawnSync(process.execPath, ["--require", "tsx/cjs", script, ...args], {
  stdio: "inherit",
  env,
});
process.exit(child.status ?? 1);

/** Every command takes a stack; ops/options.json has the others. `--yes` and `--prefix` are npm's own as well. */
function optionsOf(command) {
  const { [command]: own = [] } = JSON.parse(readFileSync(join("ops", "options.json"), "utf8"));
  return ["stack", ...own].filter((name) => !["yes", "prefix"].includes(name));
}

function installPackages() {
  const lock = createHash("sha256").update(readFileSync("package-lock.json")).digest("hex");
  const marker = join("node_modules", ".rocketchat-lock");
  if (existsSync(marker) && readFileSync(marker, "utf8") === lock) return;

  const log = join(".state", "logs", "npm-ci.log");
  mkdirSync(dirname(log), { recursive: true });
  process.stderr.write("▸ installing the npm packages, about 1 minute …\n");
  const output = openSync(log, "w");
  const npm = spawnSync("npm", ["ci", "--include=dev"], {
    env: npmEnvironment(),
    stdio: ["ignore", output, output],
  });
  if (npm.status !== 0) {
    const tail = readFileSync(log, "utf8").trim().split("\n").slice(-15).join("\n");
    fail(
      `${tail}\nnpm ci: failed (status ${npm.status}), its whole output is in ${relative(root, log)}; see that the npm registry can be reached, then run the command again`,
    );
  }
  writeFileSync(marker, lock);
}

/** Packages run scripts of their own: they get the registry's token, and none of a deployment's secrets. */
function npmEnvironment() {
  const patterns = readFileSync(join("ops", "environment", "secret-variables"), "utf8")
    .trim()
    .split("\n");
  const secret = new RegExp(`^(?:${patterns.join("|")})$`, "i");
  const forNpm = /^(npm_|node_auth_token$)/i;
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => forNpm.test(name) || !secret.test(name)),
  );
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
