import { generate } from "selfsigned";
import { DockerCli } from "./engine";
import { until } from "./site";

const docker = new DockerCli();

/** A MongoDB as another person runs it: with authentication, a set name and a neighbour's data of his own. */
export class HandRunMongo {
  readonly admin = "boss";
  readonly password = `b@ss "it's" $HOME #1`;

  constructor(
    readonly name: string,
    readonly network: string,
    readonly replicaSet: string,
    private readonly image: string,
  ) {}

  /** @param member Host and port that the set announces. */
  async start(member = `${this.name}:27017`): Promise<void> {
    this.run(
      `head -c 96 /dev/urandom | base64 -w0 > /tmp/key; chown mongodb /tmp/key; chmod 400 /tmp/key
       exec docker-entrypoint.sh mongod --replSet ${this.replicaSet} --keyFile /tmp/key --bind_ip_all`,
    );
    await this.answers();
    this.eval(
      `rs.initiate({ _id: "${this.replicaSet}", members: [{ _id: 0, host: "${member}" }] });
       while (!db.hello().isWritablePrimary) sleep(100);
       db.getSiblingDB("admin").createUser({ user: "${this.admin}", pwd: process.env.PASSWORD, roles: ["root"] })`,
    );
  }

  /** A server without a replica set. */
  async startAlone(): Promise<void> {
    this.run("exec docker-entrypoint.sh mongod --bind_ip_all");
    await this.answers();
  }

  /** The answer of an expression that the administrator evaluates. */
  asAdmin(expression: string): string {
    return this.eval(`db.getSiblingDB("admin").auth("${this.admin}", process.env.PASSWORD); ${expression}`);
  }

  /** Everything on it that is not of `database`: content, users, the set's configuration. */
  fingerprint(database: string): string {
    return this.asAdmin(`
      const others = db.getMongo().getDBNames().filter((name) => !["${database}", "local", "config", "admin"].includes(name));
      const hashes = [];
      for (const name of others) hashes.push([name, db.getSiblingDB(name).runCommand({ dbHash: 1 }).md5]);
      const users = db.getSiblingDB("admin").getCollection("system.users").find({ db: { $ne: "${database}" } }).toArray();
      const roles = db.getSiblingDB("admin").getCollection("system.roles").find({ db: { $ne: "${database}" } }).toArray();
      EJSON.stringify({ hashes, users, roles, set: rs.conf() })`);
  }

  private run(script: string): void {
    const limits = ["--ulimit", "nofile=20000:20000", "--memory", "1g"];
    const args = ["--detach", "--name", this.name, "--network", this.network, "--entrypoint", "bash"];
    docker.run("run", ...args, ...limits, this.image, "-c", script);
  }

  private answers(): Promise<string> {
    return until(`${this.name} answers`, () => Promise.resolve(this.eval("db.hello().ok")), 60);
  }

  private eval(expression: string): string {
    const env = ["--env", `PASSWORD=${this.password}`, "--env", "HOME=/tmp"];
    return docker.run("exec", ...env, this.name, "mongosh", "--quiet", "--norc", "--eval", expression);
  }
}

/** A Traefik as another person runs it: file provider and Docker provider, a certificate of his own, a user of his own. */
export class HandRunTraefik {
  /** Whoever trusts this trusts the sites. */
  root = "";
  readonly directory: string;
  readonly insidePort = 8443;

  constructor(
    readonly name: string,
    readonly network: string,
    readonly httpsPort: number,
    private readonly images: { traefik: string; busybox: string },
  ) {
    this.directory = `/opt/${name}`;
  }

  async start(hostnames: string[]): Promise<void> {
    const pair = await generate([{ name: "commonName", value: hostnames[0]! }], {
      keyType: "ec",
      extensions: [
        { name: "subjectAltName", altNames: hostnames.map((value) => ({ type: 2 as const, value })) },
      ],
    });
    this.root = pair.cert;
    this.host(
      `mkdir -p dynamic
       printf '%s\\n' "$CERT" > dynamic/cert.pem
       printf '%s\\n' "$KEY" > dynamic/key.pem
       printf '%s\\n' '{"tls":{"certificates":[{"certFile":"/dynamic/cert.pem","keyFile":"/dynamic/key.pem"}]}}' > dynamic/his-own.yml
       chmod 0750 dynamic; chown -R 1234:1234 .`,
      { CERT: pair.cert, KEY: pair.private },
    );
    const socket = (process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock").replace("unix://", "");
    const group = docker.shell(this.images.busybox, "stat -c %g /s", "--volume", `${socket}:/s`);
    docker.run(
      "run",
      "--detach",
      `--name=${this.name}`,
      `--network=${this.network}`,
      "--user=1234:1234",
      `--group-add=${group}`,
      "--cap-drop=ALL",
      `--publish=127.0.0.1:${this.httpsPort}:${this.insidePort}`,
      `--volume=${this.directory}/dynamic:/dynamic:ro`,
      `--volume=${socket}:/var/run/docker.sock:ro`,
      this.images.traefik,
      "--providers.file.directory=/dynamic",
      "--providers.docker=true",
      "--providers.docker.exposedbydefault=false",
      `--entrypoints.secure.address=:${this.insidePort}`,
    );
  }

  /** Runs a script as root in his directory. */
  host(script: string, env: Record<string, string> = {}): string {
    const given = Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
    return docker.shell(
      this.images.busybox,
      `mkdir -p ${this.directory}; cd ${this.directory}; ${script}`,
      "--network=none",
      "--volume=/opt:/opt",
      ...given,
    );
  }
}
