import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { Clone, type Run } from "../integration/clone";
import { OwnEngine } from "../integration/own-engine";
import { type Session, Site, until } from "../integration/site";
import type { SmallDisk } from "./small-disk";

/** The stack `local` on an engine of its own, for a test that breaks things below it. Nothing of it is there before `start`. */
export class OwnService {
  engine!: OwnEngine;
  clone!: Clone;
  site!: Site;
  private password!: string;

  /**
   * @param prefix Of its containers, and of its directories below /opt.
   * @param disks What lies on disks of its own; they are removed with the service.
   * @param changes Of the tracked settings.
   */
  constructor(
    readonly prefix: string,
    private readonly disks: SmallDisk[] = [],
    private readonly changes: [path: string[], value: unknown][] = [],
  ) {}

  /** Brings engine and service up, and answers its administrator. */
  async start(): Promise<Session> {
    for (const disk of this.disks) disk.mount();
    this.engine = new OwnEngine(`${this.prefix}engine`);
    this.clone = new Clone(`${this.prefix}clone`, { DOCKER_HOST: this.engine.host });
    // What a killed run has left.
    for (const directory of this.directories())
      if (existsSync(directory)) execFileSync("find", [directory, "-mindepth", "1", "-delete"]);
    await this.engine.start();
    this.clone.setApart({ prefix: this.prefix, httpPort: 80, httpsPort: 443 });
    this.clone.configure([["rocketchat:ingress", "bind"], undefined], ...this.changes);
    const up = await this.clone.npm("up");
    if (up.status !== 0) throw new Error(up.output);

    const root = readFileSync(join(this.clone.directory, ".state/local/test-ca-root.pem"), "utf8");
    this.site = new Site("chat.localhost", 80, 443, root, this.engine.forward(443));
    this.password = await this.clone.pulumi("stack", "output", "adminPassword", "--show-secrets");
    const admin = await this.login();
    await this.isWell();
    return admin;
  }

  /** Done when the service takes a login, by itself. */
  login(seconds = 120): Promise<Session> {
    return until("the service answers", () => this.site.login("admin", this.password), seconds);
  }

  status(): Promise<Run> {
    return this.clone.npm("status");
  }

  /** Waits until `npm run status` finds nothing wrong. */
  async isWell(): Promise<void> {
    await until("npm run status finds nothing wrong", async () => {
      const { status, output } = await this.status();
      expect(status, output).toBe(0);
      expect(output).toContain("all is well");
    });
  }

  /** Waits until `npm run status` names a fault, and answers all that it says. */
  says(fault: RegExp, seconds = 90): Promise<string> {
    return until(
      `npm run status says ${fault}`,
      async () => {
        const { status, output } = await this.status();
        expect(output).toMatch(fault);
        expect(status).toBe(1);
        return output;
      },
      seconds,
    );
  }

  /** There is nothing for a deployment to repair. */
  async nothingToRepair(): Promise<void> {
    await this.clone.pulumi("preview", "--expect-no-changes");
    await this.clone.pulumi("refresh", "--preview-only", "--expect-no-changes");
  }

  /** Also after a start that failed half-way. */
  async remove(): Promise<void> {
    await (this.engine as OwnEngine | undefined)?.remove();
    for (const disk of this.disks) disk.remove();
    for (const directory of this.directories()) execFileSync("rm", ["-rf", directory]);
    (this.clone as Clone | undefined)?.remove();
  }

  private directories(): string[] {
    return [
      ...["rocketchat", "mongodb-shared", "traefik"].map((part) => `/opt/${this.prefix}${part}`),
      ...["", ".database"].map(
        (kind) => `/var/lib/rocketchat-places/local.${this.prefix}rocketchat${kind}.tsv`,
      ),
    ];
  }
}
