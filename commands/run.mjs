// Runs a command of this project: `node commands/run.mjs COMMAND [ARGUMENTS]`. Needs nothing but a Node, so that it works in a fresh
// clone: it installs the npm packages when they are not there or not the ones of package-lock.json, and where the machine's
// Node is older than package.json asks for also the one of machine/node, on which then everything runs.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { declared, helpOf } from "./help.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);

const [command, ...args] = process.argv.slice(2);
const script = join(root, "commands", `${command}.ts`);
if (!command || !existsSync(script))
  fail(
    `commands/run.mjs: is followed by a command of package.json (got ${JSON.stringify(command ?? "nothing")})`,
  );

if (declared[command] !== undefined && asksForHelp(args)) {
  process.stdout.write(helpOf(command));
  process.exit(0);
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

const newer = isOldNode() ? newerNode() : undefined;
// Pulumi's language host takes the Node that is first on the PATH.
const path = [...(newer ? [dirname(newer)] : []), process.env.PATH ?? ""].join(delimiter);
installPackages(".", "the npm packages, about 1 minute", path);
const env = {
  ...process.env,
  // Everything that opens an ssh connection to an engine shares one: see scripts/ssh/ssh.
  PATH: `${join(root, "scripts", "ssh")}${delimiter}${path}`,
  // Each Node that is started, Pulumi's too, has what the last one compiled.
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, ".state", "compiled"),
};
// Ctrl-C reaches the command as well, which ends in its own way: the terminal is kept until then.
process.on("SIGINT", () => {});
const child = spawnSync(newer ?? process.execPath, ["--require", "tsx/cjs", script, ...args], {
  stdio: "inherit",
  env,
});
process.exit(child.status ?? 1);

function isOldNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [wantedMajor, wantedMinor] = wantedNode().split(".").map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

function wantedNode() {
  return JSON.parse(readFileSync("package.json", "utf8")).engines.node.replace(">=", "");
}

/** The path of the Node that npm has as a package, for machines as its lockfile names them. */
function newerNode() {
  const home = join("machine", "node");
  installPackages(
    home,
    `Node, as this one is ${process.versions.node}: half a minute`,
    process.env.PATH ?? "",
  );
  const node = join(root, home, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  if (spawnSync(node, ["--version"]).status === 0) return node;
  fail(
    `Node: must be ${wantedNode()} or later (got ${process.versions.node}), and the one that npm has does not run on this machine (${process.platform}, ${process.arch}); install Node 24, from nodejs.org or your distribution`,
  );
}

/** What is handed on may be a command with a help of its own, such as Pulumi's. */
function asksForHelp(args) {
  const own = command === "pulumi" ? args.slice(0, 1) : args;
  return own.some((arg) => ["--help", "-h"].includes(arg));
}

/** `--yes` and `--prefix` are npm's own as well. */
function optionsOf(command) {
  const own = Object.keys(declared[command]?.options ?? {});
  return ["stack", ...own].filter((name) => !["yes", "prefix"].includes(name));
}

function installPackages(directory, what, path) {
  const lock = createHash("sha256")
    .update(readFileSync(join(directory, "package-lock.json")))
    .digest("hex");
  const marker = join(directory, "node_modules", ".rocketchat-lock");
  if (existsSync(marker) && readFileSync(marker, "utf8") === lock) return;

  const log = join(".state", "logs", "npm-ci.log");
  mkdirSync(dirname(log), { recursive: true });
  process.stderr.write(`▸ installing ${what} …\n`);
  const output = openSync(log, "w");
  const npm = spawnSync("npm", ["ci", "--include=dev", "--include=optional"], {
    cwd: directory,
    env: { ...npmEnvironment(), PATH: path },
    stdio: ["ignore", output, output],
  });
  if (npm.status !== 0) {
    const tail = readFileSync(log, "utf8").trim().split("\n").slice(-15).join("\n");
    fail(
      `${tail}\nnpm ci: failed (status ${npm.status}), its whole output is in ${relative(root, log)}; see that the npm registry can be reached, then run the command again`,
    );
  }
  // npm ends well without a package that is optional, though this machine cannot do without its own.
  const missing = missingPackages(directory);
  if (missing.length > 0)
    fail(
      `npm ci: must install what this machine needs (left out ${missing.join(", ")}), its whole output is in ${relative(root, log)}; see that the npm registry can be reached and has it, then run the command again`,
    );
  // Nobody asks any more for what was compiled of the packages before.
  rmSync(join(".state", "compiled"), { recursive: true, force: true });
  mkdirSync(dirname(marker), { recursive: true });
  writeFileSync(marker, lock);
}

/** Packages for this system and processor that are not there, as binaries of tools are. */
function missingPackages(directory) {
  const { packages = {} } = JSON.parse(readFileSync(join(directory, "package-lock.json"), "utf8"));
  const libc = process.report.getReport().header.glibcVersionRuntime === undefined ? "musl" : "glibc";
  return Object.entries(packages)
    .filter(([, { os = [], cpu = [] }]) => os.includes(process.platform) && cpu.includes(process.arch))
    .filter(([, { libc: wanted = [libc] }]) => wanted.includes(libc))
    .map(([path]) => path)
    .filter((path) => !existsSync(join(directory, path, "package.json")))
    .map((path) => path.replace(/^.*node_modules\//, ""));
}

/** Packages run scripts of their own: they get the registry's token, and none of a deployment's secrets. */
function npmEnvironment() {
  const patterns = readFileSync(join("scripts", "environment", "secret-variables"), "utf8")
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
