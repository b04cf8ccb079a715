import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Looks again and again at what any user of the host, or any user of the engine, can see while something runs. */
export class Watch {
  /** Command lines of all processes of the host. */
  readonly commands = new Set<string>();
  /** Environments of the shells and docker clients among them. */
  readonly environments = new Set<string>();
  /** `docker inspect` of all containers, by id: the last that was seen. */
  readonly containers = new Map<string, string>();
  private watching = true;

  async during<T>(work: () => Promise<T>): Promise<T> {
    const seen = [this.processes(), this.engine()];
    try {
      return await work();
    } finally {
      this.watching = false;
      await Promise.all(seen);
    }
  }

  private async processes(): Promise<void> {
    while (this.watching) {
      for (const pid of readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name))) {
        try {
          const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
          this.commands.add(command);
          if (/^(\S*\/)?(sh|docker) /.test(command))
            this.environments.add(readFileSync(`/proc/${pid}/environ`, "utf8"));
        } catch {
          // It ended meanwhile.
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private async engine(): Promise<void> {
    while (this.watching) {
      const ids = (await docker("ps", "--all", "--quiet", "--no-trunc")).split("\n").filter(Boolean);
      const texts = ids.length === 0 ? "[]" : await docker("inspect", ...ids);
      for (const container of JSON.parse(texts || "[]") as { Id: string }[]) {
        this.containers.set(container.Id, JSON.stringify(container));
      }
    }
  }
}

/** What it prints, also when some of the containers are gone already. */
function docker(...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile("docker", args, { maxBuffer: 64 << 20 }, (_error, stdout) => resolve(stdout.trim()));
  });
}
