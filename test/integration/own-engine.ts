import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DockerCli } from "./engine";
import { until } from "./site";

/**
 * A Docker engine of the test's own, which it may stop and kill: a second dockerd with its own data and sockets, in a
 * network namespace that outlives it as a host's network does. Needs root.
 */
export class OwnEngine {
  readonly host: string;
  readonly docker: DockerCli;
  private readonly directory: string;
  private engine: ChildProcess | undefined;
  private readonly relays: ChildProcess[] = [];

  private readonly name: string;

  /** The name of its directory and network namespace begins with `prefix`. */
  constructor(prefix: string) {
    this.directory = mkdtempSync(join(tmpdir(), `${prefix}-`));
    this.name = basename(this.directory);
    mkdirSync(join(this.directory, "exec"));
    this.host = `unix://${join(this.directory, "docker.sock")}`;
    this.docker = new DockerCli(this.host);
    execFileSync("ip", ["netns", "add", this.name]);
    execFileSync("ip", ["-n", this.name, "link", "set", "lo", "up"]);
  }

  /** Done when it answers. A first start after a kill may time out while containerd comes up, so it is tried again. */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.launch();
      try {
        await until("the test's own engine answers", () => Promise.resolve(this.docker.run("version")), 45);
        return;
      } catch (error) {
        await this.stop("SIGKILL");
        if (attempt === 3) throw new Error(`${String(error)}\n${this.log().slice(-2000)}`, { cause: error });
      }
    }
  }

  /** Ends it as a shutdown of the host does: containers first. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const { engine } = this;
    if (engine === undefined) return;
    this.engine = undefined;
    if (engine.exitCode !== null || engine.signalCode !== null) return;
    const ended = new Promise((resolve) => engine.on("exit", resolve));
    engine.kill(signal);
    await ended;
  }

  /** A unix socket that leads to a port which is published in the engine's network, on an address of its loopback. */
  forward(port: number, address = "127.0.0.1"): string {
    const path = join(this.directory, `${port}-${address.replaceAll(":", "_")}.sock`);
    const script = `require("node:net").createServer((client) => {
      const server = require("node:net").connect(${port}, ${JSON.stringify(address)});
      client.on("error", () => server.destroy()); server.on("error", () => client.destroy());
      client.pipe(server).pipe(client);
    }).listen(${JSON.stringify(path)})`;
    const relay = spawn("ip", ["netns", "exec", this.name, process.execPath, "-e", script], {
      stdio: "ignore",
    });
    this.relays.push(relay);
    return path;
  }

  /**
   * The ports that answer to a neighbour of the host, by its IPv4 and its IPv6 address: a network namespace of its own beside
   * the engine's asks every port there is.
   */
  portsFromOutside(): { ipv4: number[]; ipv6: number[] } {
    const neighbour = `${this.name}-n`;
    const ip = (...args: string[]) => execFileSync("ip", args);
    ip("netns", "add", neighbour);
    try {
      ip(
        "-n",
        this.name,
        "link",
        "add",
        "outside",
        "type",
        "veth",
        "peer",
        "name",
        "host",
        "netns",
        neighbour,
      );
      for (const [namespace, link, number] of [
        [this.name, "outside", 1],
        [neighbour, "host", 2],
      ] as const) {
        ip("-n", namespace, "address", "add", `10.213.0.${number}/30`, "dev", link);
        ip("-n", namespace, "address", "add", `fd00:213::${number}/64`, "dev", link, "nodad");
        ip("-n", namespace, "link", "set", link, "up");
      }
      const open = (address: string) =>
        JSON.parse(
          execFileSync("ip", ["netns", "exec", neighbour, process.execPath, "-e", scan, address], {
            encoding: "utf8",
          }),
        ) as number[];
      return { ipv4: open("10.213.0.1"), ipv6: open("fd00:213::1") };
    } finally {
      ip("netns", "delete", neighbour);
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    for (const relay of this.relays) relay.kill();
    execFileSync("ip", ["netns", "delete", this.name]);
    rmSync(this.directory, { recursive: true, force: true });
  }

  private launch(): void {
    const log = openSync(join(this.directory, "dockerd.log"), "a");
    const args = [
      ["--host", this.host],
      ["--data-root", join(this.directory, "data")],
      ["--exec-root", join(this.directory, "exec")],
      ["--pidfile", join(this.directory, "docker.pid")],
    ].flat();
    const inOwnRun = 'mount -t tmpfs tmpfs /run && exec dockerd "$@"';
    this.engine = spawn(
      "nsenter",
      // Not `ip netns exec`, which mounts a /sys of its own and hides the control groups.
      [`--net=/run/netns/${this.name}`, "unshare", "--mount", "--", "sh", "-c", inOwnRun, "dockerd", ...args],
      { stdio: ["ignore", log, log] },
    );
    closeSync(log);
  }

  private log(): string {
    return readFileSync(join(this.directory, "dockerd.log"), "utf8");
  }
}

/** Prints the ports of an address that take a connection, as JSON. */
const scan = `
  const net = require("node:net");
  const address = process.argv[1];
  const open = [];
  let next = 1;
  const probe = (port) => new Promise((resolve) => {
    const socket = net.connect({ host: address, port, timeout: 3000 });
    const end = (found) => { if (found) open.push(port); socket.destroy(); resolve(); };
    socket.on("connect", () => end(true)).on("timeout", () => end(false)).on("error", () => end(false));
  });
  const worker = async () => { while (next < 65536) await probe(next++); };
  Promise.all(Array.from({ length: 256 }, worker)).then(() => console.log(JSON.stringify(open.sort((a, b) => a - b))));
`;
