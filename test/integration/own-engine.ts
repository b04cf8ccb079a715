import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DockerCli, lines } from "./engine";
import { until } from "./site";

/**
 * A Docker engine of the test's own, which it may stop, kill and cut the power of: a second dockerd on a host of its own, which
 * is a set of namespaces (processes, mounts, network). That host ends with the test's process, however that ends. Needs root.
 *
 * Mounts that the machine has when the host starts are seen in it, later ones are not.
 */
export class OwnEngine {
  readonly host: string;
  readonly docker: DockerCli;
  private readonly directory: string;
  /** Of its directory, network namespace and control group. */
  private readonly name: string;
  /** Ports with the address that they are forwarded from. */
  private readonly forwarded = new Map<string, { port: number; address: string }>();
  private machine: Machine | undefined;
  private engine: ChildProcess | undefined;

  /** The name of its directory and network namespace begins with `prefix`. */
  constructor(prefix: string) {
    this.directory = mkdtempSync(join(tmpdir(), `${prefix}-`));
    this.name = basename(this.directory);
    this.host = `unix://${join(this.directory, "docker.sock")}`;
    this.docker = new DockerCli(this.host);
  }

  /** Done when it answers. A first start after a kill may time out while containerd comes up, so it is tried again. */
  async start(): Promise<void> {
    await this.boot();
    for (let attempt = 1; ; attempt++) {
      this.launch();
      try {
        await until("the test's own engine answers", () => Promise.resolve(this.docker.run("version")), 90);
        return;
      } catch (error) {
        await this.stop("SIGKILL");
        if (attempt === 3) throw new Error(`${String(error)}\n${this.log().slice(-2000)}`, { cause: error });
      }
    }
  }

  /** Ends the engine: orderly, as a shutdown of the host does, with its containers; killed, without them. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const { engine } = this;
    if (engine === undefined) return;
    this.engine = undefined;
    if (engine.exitCode !== null || engine.signalCode !== null) return;
    await endChildOf(engine, signal);
  }

  /**
   * Ends every process of the host at once, engine, containerd, shims and containers alike, and loses what was in memory: /run,
   * mounts, network, control groups. What the processes had handed to the machine's kernel to write is not lost.
   */
  async powerCut(): Promise<void> {
    const { machine } = this;
    if (machine === undefined) return;
    this.machine = undefined;
    this.engine = undefined;
    await endChildOf(machine.process, "SIGKILL");
    execFileSync("ip", ["netns", "delete", this.name]);
    removeControlGroups(this.name);
  }

  /** Processes of the host, by their command lines; none without power. */
  processes(): string[] {
    return this.machine === undefined ? [] : lines(this.onHost("ps", "-eo", "args="));
  }

  /**
   * A unix socket that leads to a port which is published in the engine's network, on an address of its loopback; also after the
   * host starts again.
   */
  forward(port: number, address = "127.0.0.1"): string {
    const path = join(this.directory, `${port}-${address.replaceAll(":", "_")}.sock`);
    this.forwarded.set(path, { port, address });
    this.relay(path, port, address);
    return path;
  }

  /** Takes the link of a container's only network down, at the host's end, or up again. */
  setLink(container: string, state: "down" | "up"): void {
    const pid = this.docker.inspect(container, "{{.State.Pid}}");
    const [, peer] =
      /^\d+: eth0@if(\d+):/.exec(
        this.onHost("nsenter", "-t", pid, "-n", "ip", "-o", "link", "show", "eth0"),
      ) ?? [];
    const ports = execFileSync("ip", ["-n", this.name, "-o", "link"], { encoding: "utf8" });
    const [, link] = new RegExp(`^${peer}: (veth[^@]+)@`, "m").exec(ports) ?? [];
    if (link === undefined) throw new Error(`${container}: has no link ${peer} on its host\n${ports}`);
    execFileSync("ip", ["-n", this.name, "link", "set", link, state]);
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
    await this.powerCut();
    // A host that did not start has left its network.
    if (existsSync(`/run/netns/${this.name}`)) execFileSync("ip", ["netns", "delete", this.name]);
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async boot(): Promise<void> {
    if (this.machine !== undefined) return;
    execFileSync("ip", ["netns", "add", this.name]);
    execFileSync("ip", ["-n", this.name, "link", "set", "lo", "up"]);
    // Process 1 reaps, and ends with the pipe that it reads from: with the test's process.
    const init = "mount -t tmpfs tmpfs /run && echo ready && exec docker-init -- cat > /dev/null";
    const process = spawn(
      "nsenter",
      // Not `ip netns exec`, which mounts a /sys of its own and hides the control groups.
      [
        `--net=/run/netns/${this.name}`,
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--mount-proc",
        "sh",
        "-c",
        init,
      ],
      { stdio: "pipe" },
    );
    let said = "";
    process.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await new Promise((resolve, reject) => {
      process.stdout.once("data", resolve);
      process.once("exit", () => reject(new Error(`${this.name}: its host did not start (${said.trim()})`)));
    });
    this.machine = { process, pid: childOf(process) };
    for (const [path, { port, address }] of this.forwarded) this.relay(path, port, address);
  }

  private launch(): void {
    const log = openSync(join(this.directory, "dockerd.log"), "a");
    const args = [
      ["--host", this.host],
      ["--data-root", join(this.directory, "data")],
      ["--cgroup-parent", `/${this.name}`],
    ].flat();
    this.engine = spawn("nsenter", [...this.entering(), "dockerd", ...args], { stdio: ["ignore", log, log] });
    closeSync(log);
  }

  private relay(path: string, port: number, address: string): void {
    rmSync(path, { force: true });
    const script = `require("node:net").createServer((client) => {
      const server = require("node:net").connect(${port}, ${JSON.stringify(address)});
      client.on("error", () => server.destroy()); server.on("error", () => client.destroy());
      client.pipe(server).pipe(client);
    }).listen(${JSON.stringify(path)})`;
    spawn("nsenter", [...this.entering(), process.execPath, "-e", script], { stdio: "ignore" });
  }

  private onHost(command: string, ...args: string[]): string {
    return execFileSync("nsenter", [...this.entering(), command, ...args], { encoding: "utf8" });
  }

  private entering(): string[] {
    if (this.machine === undefined) throw new Error(`${this.name}: is not running`);
    return ["--target", String(this.machine.pid), "--mount", "--pid", "--net", "--"];
  }

  private log(): string {
    return readFileSync(join(this.directory, "dockerd.log"), "utf8");
  }
}

interface Machine {
  process: ChildProcess;
  /** Its process 1, as the outside counts. */
  pid: number;
}

/** `nsenter` and `unshare` stay outside and wait for the one child that they start inside. */
function childOf(parent: ChildProcess): number {
  for (const deadline = Date.now() + 5_000; Date.now() < deadline;) {
    const child = readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, "utf8").trim();
    if (child !== "") return Number(child);
  }
  throw new Error(`process ${parent.pid}: has started nothing`);
}

async function endChildOf(parent: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = new Promise((resolve) => parent.on("exit", resolve));
  process.kill(childOf(parent), signal);
  await ended;
}

/** Those of version 1, one tree a controller, or the one of version 2. */
function removeControlGroups(name: string): void {
  const root = "/sys/fs/cgroup";
  for (const tree of [root, ...readdirSync(root).map((entry) => join(root, entry))]) {
    const group = join(tree, name);
    if (!existsSync(group)) continue;
    for (const entry of readdirSync(group, { withFileTypes: true })) {
      if (entry.isDirectory()) rmdirSync(join(group, entry.name));
    }
    rmdirSync(group);
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
