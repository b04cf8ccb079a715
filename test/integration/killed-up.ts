import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clone } from "./clone";

export interface Recorded {
  type: string;
  urn: string;
  id?: string;
  custom?: boolean;
  inputs?: unknown;
}

interface Checkpoint {
  checkpoint: {
    latest?: { resources?: Recorded[]; pending_operations?: { type: string; resource: { urn: string } }[] };
  };
}

/** `npm run up` of a clone, killed as a power cut or `kill -9` would, and what it left. */
export class KilledUp {
  private readonly state: string;
  private readonly log: string;

  constructor(private readonly clone: Clone) {
    this.state = join(clone.directory, ".state/local/.pulumi");
    this.log = join(clone.directory, "up.log");
  }

  get checkpointFile(): string {
    return join(this.state, "stacks/rocketchat/local.json");
  }

  latest(): NonNullable<Checkpoint["checkpoint"]["latest"]> {
    const text = readFileSync(this.checkpointFile, "utf8");
    return (JSON.parse(text) as Checkpoint).checkpoint.latest ?? {};
  }

  /** Resources of the program that something was made for, or set. Pulumi writes the file whole, again after each. */
  recorded(): Recorded[] {
    if (!existsSync(this.checkpointFile)) return [];
    const own = ({ custom, urn }: Recorded) => custom === true && !urn.includes("::default_");
    return (this.latest().resources ?? []).filter(own);
  }

  isPending(name: string, type = "creating"): boolean {
    const pending = this.latest().pending_operations ?? [];
    return pending.some((op) => op.type === type && op.resource.urn.endsWith(`::${name}`));
  }

  lockFiles(): string[] {
    const locks = join(this.state, "locks/organization/rocketchat/local");
    return existsSync(locks) ? readdirSync(locks).filter((file) => file.endsWith(".json")) : [];
  }

  /** What the last `up` said. */
  output(): string {
    return readFileSync(this.log, "utf8");
  }

  /**
   * Starts an `up`, or another command, in a process group of its own and kills the whole group as soon as the condition holds,
   * which it still does then: the group is stopped before it is asked for the last time.
   * @returns its status when it ended by itself before; nothing when it was killed.
   */
  async killedWhen(
    holds: () => boolean,
    args: string[] = [],
    seconds = 240,
    command = "up",
  ): Promise<number | undefined> {
    const log = openSync(this.log, "w");
    const child: ChildProcess = spawn("npm", ["run", "--silent", command, "--", ...args], {
      cwd: this.clone.directory,
      detached: true,
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
    try {
      for (const deadline = Date.now() + seconds * 1000; ;) {
        if (safely(holds)) {
          signalGroup(child, "SIGSTOP");
          if (safely(holds)) return undefined;
          signalGroup(child, "SIGCONT");
        }
        if (child.exitCode !== null) return child.exitCode;
        if (Date.now() > deadline)
          throw new Error(`${command}: neither ended nor got there within ${seconds} s`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    } finally {
      signalGroup(child, "SIGKILL");
      await ended;
    }
  }

  /** When the checkpoint was written last; it need not be read again before. */
  written(): bigint {
    return existsSync(this.checkpointFile) ? statSync(this.checkpointFile, { bigint: true }).mtimeNs : 0n;
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it has ended by itself
  }
}

/** The checkpoint and the containers come and go while they are looked at. */
function safely(holds: () => boolean): boolean {
  try {
    return holds();
  } catch {
    return false;
  }
}
