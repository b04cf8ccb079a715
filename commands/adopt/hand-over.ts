import { inventoryOf } from "../../inventory";
import { commandFor } from "../../settings/command";
import { faultsOn } from "../../preflight/faults";
import { isRefusal, problemsError } from "../../settings/problems";
import { settingsOf } from "../stack/settings-of";
import type { Stack } from "../stack/stack";
import { OperatorError, say } from "../../terminal/steps";
import { Host } from "../../engine/host";
import { stackLabel } from "../../engine/labels";
import { listeners } from "./inspect";
import { isManaged, type Managed } from "./managed";
import { type Adoption, type OldContainer, readAdoption, suffix, writeAdoption } from "./record";
import { prepareData } from "./prepare-data";

/** An adoption that the next deployment carries out. */
export interface PendingAdoption {
  /** What the operator is told before anything is stopped. */
  readonly warning: string;
  /** Stops the old service and makes way. May be killed anywhere; a repeat finishes it. */
  handOver(): Promise<void>;
  /** Says what comes next, after the deployment ended with this status. */
  conclude(status: number): Promise<void>;
}

/**
 * Whether this deployment is the one that takes over a workspace that was started by hand.
 * @throws OperatorError when MongoDB's data are in use by a container that is not the stack's and was not adopted.
 */
export async function pendingAdoption(stack: Stack): Promise<PendingAdoption | undefined> {
  const settings = await readableSettings(stack);
  if (settings === undefined) return undefined;
  const host = new Host(settings.engine, settings.helperImage, stack.env);
  const users = await host.try([
    "ps",
    "--all",
    "--no-trunc",
    `--filter=volume=${settings.mongo.dataDirectory}`,
    `--format={{.Names}}\t{{.State}}\t{{.Label "${stackLabel}"}}`,
  ]);
  if (users.status !== 0) return undefined; // the program's own preflight says why
  const foreign = users.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"))
    .filter(([, , owner]) => !owner);
  if (foreign.length === 0) return undefined;

  const adoption = await readAdoption(host, settings.directory);
  if (adoption !== undefined && adoption.state !== "done") {
    if (adoption.member !== `${settings.mongo.hostname}:27017` || adoption.stack !== stack.name)
      throw new OperatorError(
        `mongo.hostname: must be what npm run adopt planned, ${adoption.member.split(":")[0]} (got ${settings.mongo.hostname}); set it back, or run again: ${commandFor(stack.name, "adopt")}`,
      );
    return new Pending(host, settings, stack, adoption);
  }
  const running = foreign.find(([, state]) => state === "running");
  if (running !== undefined)
    throw new OperatorError(
      `mongo.dataDirectory: must not be in use by somebody else (${settings.mongo.dataDirectory} is, by the container ${running[0]}); ` +
        (adoption === undefined
          ? `take that workspace over first: ${commandFor(stack.name, "adopt")}`
          : `it was taken over already: docker stop ${running[0]}`),
    );
  return undefined;
}

/** Nothing where the settings cannot be read (the deployment that follows says why, better) or others run MongoDB. */
async function readableSettings(stack: Stack): Promise<Managed | undefined> {
  try {
    const settings = await settingsOf(stack);
    return isManaged(settings) ? settings : undefined;
  } catch (error) {
    if (error instanceof OperatorError || isRefusal(error)) return undefined;
    throw error;
  }
}

class Pending implements PendingAdoption {
  constructor(
    private readonly host: Host,
    private readonly settings: Managed,
    private readonly stack: Stack,
    private readonly adoption: Adoption,
  ) {}

  get warning(): string {
    const { chat, mongo, state } = this.adoption;
    return state === "planned"
      ? `This deployment takes over the containers ${chat.name} and ${mongo.name}: the chat is away from now until the new one answers.`
      : `This deployment goes on taking over ${chat.name} and ${mongo.name}, which are stopped.`;
  }

  private get undo(): string {
    return commandFor(this.stack.name, "adopt", "--undo");
  }

  private get standing(): string {
    return this.adoption.state === "planned"
      ? "The old service runs on"
      : "The old service is stopped and whole since an earlier run";
  }

  private get wayBack(): string {
    return this.adoption.state === "planned" ? "" : `; or bring the old one back: ${this.undo}`;
  }

  async handOver(): Promise<void> {
    const { host, adoption, settings } = this;
    for (const { name } of inventoryOf(settings).images) await host.ensureImage(name);
    await this.ensurePortsFree();
    await this.refuseFaults();

    if (adoption.state === "planned") {
      say(`▸ stopping ${adoption.chat.name}, then ${adoption.mongo.name} …`);
      for (const old of [adoption.chat, adoption.mongo]) await stop(host, old);
      for (const old of [adoption.chat, adoption.mongo]) await putAside(host, old);
      say("▸ preparing MongoDB's data: the member's name and the user root …");
      await prepareData(host, settings, adoption);
      await writeAdoption(host, settings.directory, { ...adoption, state: "handed over" });
    }
    say(`  ${adoption.chat.name}${suffix} and ${adoption.mongo.name}${suffix} are kept, stopped`);
  }

  async conclude(status: number): Promise<void> {
    const { host, adoption, settings, stack, undo } = this;
    if (status !== 0) {
      say(
        `\nThe old service is stopped and whole. Mend what is said above and run ${commandFor(stack.name, "up")} again; or bring the old one back: ${undo}`,
      );
      return;
    }
    await writeAdoption(host, settings.directory, { ...adoption, state: "done" });
    const { chat, mongo, copy } = adoption;
    say(
      `\nThe workspace is taken over. The way back, for as long as these are kept: ${undo}\n` +
        `When you are content, on the server: docker rm ${chat.name}${suffix} ${mongo.name}${suffix}\n` +
        `The copy of before holds every message and password: ${copy}`,
    );
  }

  /** What the deployment's own preflight would refuse once the old service is away. */
  private async refuseFaults(): Promise<void> {
    const { adoption, settings } = this;
    const old = [adoption.chat.name, adoption.mongo.name];
    const problems = (await faultsOn(settings, old)).filter(({ advice }) => !advice);
    if (problems.length === 0) return;
    const { message } = problemsError(settings.stack, "on the engine", problems);
    throw new OperatorError(
      `${message}\n${this.standing}; mend that, then run the command again${this.wayBack}`,
    );
  }

  /** Before anything is stopped: the front door is what would fail last. */
  private async ensurePortsFree(): Promise<void> {
    const { containers } = inventoryOf(this.settings);
    const ports = containers.flatMap(({ ports: its }) => its);
    if (ports.length === 0) return;
    const taken = await listeners(this.host);
    const own = containers.map(({ name }) => `the container ${name}`);
    const old = [this.adoption.chat.name, this.adoption.mongo.name].map((name) => `the container ${name}`);
    for (const { key, port } of ports) {
      const who = taken.get(port);
      if (who === undefined || [...own, ...old].includes(who)) continue;
      throw new OperatorError(
        `${key}: must be a free port (${port} is taken by ${who}); stop that, or change ${key}. ${this.standing}${this.wayBack}`,
      );
    }
  }
}

async function stop(host: Host, { id }: OldContainer): Promise<void> {
  await host.docker(["stop", "--time", "120", id]);
}

/** Out of the way, and never started again by the engine. */
async function putAside(host: Host, { id, name }: OldContainer): Promise<void> {
  await host.docker(["update", "--restart", "no", id]);
  await rename(host, id, `${name}${suffix}`);
}

export async function rename(host: Host, id: string, name: string): Promise<void> {
  const now = (await host.docker(["container", "inspect", "--format", "{{.Name}}", id])).trim();
  if (now !== `/${name}`) await host.docker(["rename", id, name]);
}
