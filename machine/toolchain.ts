import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { cacheDirectory, projectRoot } from "../terminal/paths";
import { installArchive, pulumiArchive, pulumiVersion } from "./pulumi-archive";
import { capture, say, step } from "../terminal/steps";

/** A Pulumi CLI with its plugins: the environment that it needs, its directory first on the PATH. */
export type Toolchain = NodeJS.ProcessEnv;

/**
 * Finds the Pulumi CLI: one on the PATH; else the official one, whose archive is fetched and checked; else one that is built from
 * published Go modules, on a machine that reaches package registries only.
 * @throws OperatorError when none can be had.
 */
export async function ensureToolchain(): Promise<Toolchain> {
  const official = join(cacheDirectory, `pulumi-${pulumiVersion}`);
  const onPath = (await capture({ command: "pulumi", args: ["version"] })).status === 0;
  const installed = existsSync(join(official, "bin", "pulumi"));

  if ((onPath || installed) && (await pluginsCanBeHad(onPath ? undefined : official))) {
    return onPath ? quiet({}) : quiet(withBin(official));
  }
  const archive = pulumiArchive();
  if (!onPath && archive !== undefined && (await reaches("https://get.pulumi.com"))) {
    say(`▸ installing Pulumi ${pulumiVersion}, about 1 minute …`);
    await installArchive(archive, official);
    return quiet(withBin(official));
  }
  return builtToolchain(onPath);
}

/** Built once by version, outside the tree: a second clone builds nothing. */
async function builtToolchain(ownCli: boolean): Promise<Toolchain> {
  const directory = (
    await step({
      title: "building Pulumi and its plugins",
      log: "toolchain",
      command: "bash",
      args: ["lab/toolchain/build.sh"],
      progress: true,
      fix: "mend what it says, then run the command again",
    })
  ).trim();
  return quiet({
    ...(ownCli ? {} : withBin(directory)),
    PULUMI_HOME: join(directory, "home"),
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  });
}

/** The plugins of package.json's versions are there already, or can be fetched. */
async function pluginsCanBeHad(root: string | undefined): Promise<boolean> {
  const home = process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
  const { dependencies } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const there = ["docker", "command", "random"].every((name) =>
    existsSync(join(home, "plugins", `resource-${name}-v${dependencies[`@pulumi/${name}`]}`)),
  );
  return there || ((root === undefined || existsSync(root)) && (await reaches("https://get.pulumi.com")));
}

async function reaches(address: string): Promise<boolean> {
  try {
    const response = await fetch(address, {
      method: "HEAD",
      signal: AbortSignal.timeout(5_000),
      redirect: "manual",
    });
    return response.status < 500 && response.status !== 403 && response.status !== 407;
  } catch {
    return false;
  }
}

function withBin(root: string): NodeJS.ProcessEnv {
  return { PATH: `${join(root, "bin")}${delimiter}${process.env["PATH"] ?? ""}` };
}

/** Pulumi keeps a log of every command, encrypted with its stack's key: what it need not keep for long it does not. */
function quiet(env: NodeJS.ProcessEnv): Toolchain {
  return {
    PULUMI_LOG_ROTATION_MAX_AGE_DAYS: "1",
    ...process.env,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ...env,
  };
}
