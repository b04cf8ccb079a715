import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BackupStatus } from "../../commands/backup/report";
import { SmallDisk } from "../faults/small-disk";
import { type Apart, Clone, type Run } from "./clone";
import { DockerCli } from "./engine";
import { type Session, Site } from "./site";

/** A workspace with backups in a path that has a disk of its own, none of which the schedule begins but the first. */
export class BackedUp {
  readonly docker = new DockerCli();
  readonly clone = new Clone("backup");
  /** The backups' container. */
  readonly backup: string;
  readonly mongo: string;
  /** The workspace's directory. */
  readonly home: string;
  readonly repository: string;
  readonly disk: SmallDisk;

  constructor(private readonly apart: Apart) {
    const { prefix } = apart;
    this.backup = `${prefix}rocketchat-backup`;
    this.mongo = `${prefix}mongodb-shared`;
    this.home = `/opt/${prefix}rocketchat`;
    this.disk = new SmallDisk(`/opt/${prefix}repository`, 600);
    this.repository = `${this.disk.directory}/backups`;
  }

  readonly status = () => JSON.parse(readFileSync(`${this.home}/backup/status.json`, "utf8")) as BackupStatus;

  /** In the backup's container, as its scripts do it. */
  readonly inside = (script: string) =>
    this.docker.run(
      "exec",
      this.backup,
      "bash",
      "-c",
      `. /backup/scripts/common.sh; export TMPDIR=/tmp; mkdir -p /run/backup; repository; ${script}`,
    );

  readonly restic = (command: string) => this.inside(`restic ${command}`);

  readonly snapshots = () =>
    (JSON.parse(this.restic("snapshots --json --no-lock")) as { short_id: string }[]).map(
      ({ short_id: id }) => id,
    );

  /** @throws Error with what it said, where it does not end well. */
  readonly backUp = (): Promise<Run> => this.clone.succeed("backup");

  async start(): Promise<{ site: Site; admin: Session }> {
    const { clone, apart, repository } = this;
    this.disk.mount();
    clone.setApart(apart);
    const elsewhen = new Date(Date.now() + 12 * 3_600_000).toISOString().slice(11, 16);
    clone.configure([["rocketchat:backup"], { repository, jitter: "0 seconds", time: elsewhen }]);
    await clone.succeed("up");
    const root = readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8");
    const site = new Site("chat.localhost", apart.httpPort, apart.httpsPort, root);
    const password = await clone.pulumi("stack", "output", "adminPassword", "--show-secrets");
    return { site, admin: await site.login("admin", password) };
  }

  remove(): void {
    const { docker, disk } = this;
    const { prefix } = this.apart;
    for (const name of docker.containers(prefix)) docker.run("rm", "--force", "--volumes", name);
    for (const name of docker.networks(prefix)) docker.run("network", "rm", name);
    docker.forget(prefix);
    for (const part of ["rocketchat", "mongodb-shared", "traefik"])
      rmSync(`/opt/${prefix}${part}`, { recursive: true, force: true });
    disk.remove();
    rmSync(disk.directory, { recursive: true, force: true });
    this.clone.remove();
  }
}
