import { basename, dirname } from "node:path/posix";
import { Host } from "../../engine/host";
import { marked } from "../state/leftovers";
import type { Stack } from "../stack/stack";
import { capture, OperatorError, say } from "../../terminal/steps";
import { pulumi } from "../stack/transcript";
import type { Difference } from "./difference";
import type { Expected } from "./expected";
import type { ExpectedFile, RecordedStep } from "./expected-files";

/**
 * Sets the engine and its host back to what the state says. What is gone is forgotten by the state, so that the deployment that
 * follows makes it anew. May be killed anywhere: each part looks for itself what is there.
 * @throws OperatorError with what could not be mended, after everything else was.
 */
export async function mend(stack: Stack, expected: Expected, differences: Difference[]): Promise<void> {
  const work = new Mending(stack, expected);
  const failed: string[] = [];
  const gone = differences.flatMap(({ mend }) => (mend.kind === "forget" ? [mend] : []));
  for (const { leftover } of gone)
    if (leftover !== undefined) await work.host.try(["rm", "--force", leftover]);
  for (const difference of differences) {
    const fault = await work.carryOut(difference);
    if (fault !== undefined) failed.push(`${difference.what}: ${difference.why}; ${fault}`);
  }
  if (gone.length > 0)
    await forget(
      stack,
      gone.map(({ urn }) => urn),
    );
  if (failed.length > 0)
    throw new OperatorError(
      `${failed.join("\n")}\nstack ${stack.name}: could not be set back (see above); mend what it says, then run the command again`,
    );
}

class Mending {
  readonly host: Host;
  private readonly ran = new Set<string>();

  constructor(
    private readonly stack: Stack,
    { engine, helperImage }: Expected,
  ) {
    this.host = new Host(engine, helperImage, marked(stack));
  }

  /** @returns why it could not be done. */
  async carryOut({ mend }: Difference): Promise<string | undefined> {
    switch (mend.kind) {
      case "forget":
      case "leave":
      case "note":
        return undefined;
      case "start":
      case "unpause":
      case "restart":
        return this.docker(mend.kind, mend.container);
      case "limit":
        return this.docker("update", ...mend.flags, mend.container);
      case "join": {
        const { container, network, rejoin } = mend;
        const aliases = container.networks.find(({ name }) => name === network)?.aliases ?? [];
        if (rejoin) await this.docker("network", "disconnect", network, container.name);
        const named = aliases.flatMap((alias) => ["--alias", alias]);
        return this.docker("network", "connect", ...named, network, container.name);
      }
      case "write":
        return this.write(mend.file, mend);
    }
  }

  private async write(
    file: ExpectedFile,
    { setAside, owned }: { setAside: boolean; owned: boolean },
  ): Promise<string | undefined> {
    if (setAside) {
      const place = { DIRECTORY: dirname(file.path), NAME: basename(file.path), TIME: String(Date.now()) };
      const moved = await this.host.tryScript("scripts/host/set-aside.sh", place.DIRECTORY, place);
      if (moved.status !== 0) return moved.stderr.trim();
    }
    if (file.secret !== undefined && owned) {
      const given = { FILE: file.path, MODE: file.mode ?? "400", OWNER: "0:0" };
      const own = await this.host.tryScript("scripts/host/own-file.sh", dirname(file.path), given);
      if (own.status !== 0) return own.stderr.trim();
    }
    for (const step of file.steps) {
      const fault = await this.run(step);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** Once a deployment is enough, whatever it mends. */
  private async run({ create, environment, stdin = "" }: RecordedStep): Promise<string | undefined> {
    const key = JSON.stringify([create, environment]);
    if (this.ran.has(key)) return undefined;
    const answer = await capture({
      command: "sh",
      args: ["-c", create],
      // No server is about to go: nobody has to be given time.
      env: { ...marked(this.stack), ...environment, PAUSE: "0" },
      input: stdin,
    });
    if (answer.status === 0) this.ran.add(key);
    return answer.status === 0 ? undefined : answer.stderr.trim();
  }

  private async docker(...args: string[]): Promise<string | undefined> {
    const answer = await this.host.try(args);
    return answer.status === 0 ? undefined : answer.stderr.trim();
  }
}

/**
 * Takes and gives back the stack's lock, wherever its backend keeps it: a refresh of the stack's own record, which reads nothing.
 * @throws OperatorError while a deployment is at work, whose doing would be set back.
 */
export async function refuseWhileDeployed(stack: Stack, { record }: Expected): Promise<void> {
  const args = ["refresh", "--yes", "--skip-preview", "--non-interactive", "--color", "never"];
  const answer = await capture({
    command: "pulumi",
    args: [...args, "--target", record, ...stack.configArgs],
    env: marked(stack),
  });
  if (answer.status === 0) return;
  const said = answer.stderr.trim();
  const isHeld = /currently (locked|in progress)/i.test(said);
  throw new OperatorError(
    `${said}\nstack ${stack.name}: must be ${isHeld ? "free" : "in reach of Pulumi, without a question,"} before anything is set back (got what stands above); ` +
      `nothing was changed; ${isHeld ? "wait until no deployment is at work" : "mend what it says"}, then run the command again`,
  );
}

async function forget(stack: Stack, urns: string[]): Promise<void> {
  const targets = urns.flatMap((urn) => ["--target", urn]);
  const args = ["refresh", "--yes", "--skip-preview", "--suppress-outputs", ...targets];
  const { status } = await pulumi({ ...stack, env: marked(stack) }, ...args);
  if (status !== 0)
    throw new OperatorError(
      `stack ${stack.name}: what is gone could not be taken out of its state (status ${status}); mend what it says above, then run the command again`,
    );
  say();
}
