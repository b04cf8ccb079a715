import { mkdirSync, mkdtempSync, renameSync, writeFileSync } from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tls from "node:tls";
import { generate } from "selfsigned";
import { stringify } from "yaml";
import { ownDoor, routeFile } from "../../components/front-door/traefik-config";
import { goMemoryLimit, traefikFlags } from "../../components/front-door/traefik-flags";
import { ownFile } from "../../components/front-door/traefik-own-file";
import { ByteSize, Duration } from "../../settings/units";
import { DockerCli } from "../integration/engine";

export const docker = new DockerCli();

export const ports = { httpPort: 80, httpsPort: 443, ipv6: false };

export function image(name: string): string {
  const found = docker
    .run("images", "--format", "{{.Repository}}:{{.Tag}}")
    .split("\n")
    .find((one) => new RegExp(`(^|/)${name}:`).test(one));
  if (found === undefined) throw new Error(`no image of ${name} on the engine`);
  return found;
}

export interface Limits {
  requestTime: Duration;
  perAddress: number;
  memory: ByteSize;
}

/** Our Traefik with our flags and files, a certificate from a file, and a server of the test's behind it. */
export class BareTraefik {
  readonly hostname = "chat.test";
  /** Whoever trusts this trusts the site. */
  root = "";
  address = "";
  readonly dynamic: string;
  private port = 0;
  private readonly server: http.Server;

  constructor(
    readonly name: string,
    listener: http.RequestListener,
  ) {
    const directory = mkdtempSync(join(tmpdir(), "front-door-"));
    this.dynamic = join(directory, "dynamic");
    mkdirSync(this.dynamic);
    this.server = http.createServer(listener);
  }

  async start({ requestTime, perAddress, memory }: Limits): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "0.0.0.0", resolve));
    this.port = (this.server.address() as AddressInfo).port;
    const pair = await generate([{ name: "commonName", value: this.hostname }], {
      keyType: "ec",
      extensions: [{ name: "subjectAltName", altNames: [{ type: 2 as const, value: this.hostname }] }],
    });
    this.root = pair.cert;
    this.write("pair.yml", {
      tls: { certificates: [{ certFile: pair.cert, keyFile: pair.private }] },
    });
    this.write("tls.yml", ownFile(ports, perAddress));
    this.publish(perAddress);

    const nowhere = { server: "https://127.0.0.1:1/dir", email: undefined, caFile: undefined };
    docker.run(
      "run",
      "--detach",
      `--name=${this.name}`,
      `--memory=${memory.toMebibytes()}m`,
      "--cap-drop=ALL",
      `--memory-swap=${memory.toMebibytes()}m`,
      `--env=${goMemoryLimit(memory)}`,
      `--volume=${this.dynamic}:/dynamic:ro`,
      image("traefik"),
      ...traefikFlags({ ...ports, ...nowhere, requestTime, challenge: "tls", storage: "/tmp/acme.json" }),
    );
    this.findAddress();
  }

  publish(perAddress: number): void {
    const { hostname, port } = this;
    const server = docker.gateway("bridge");
    const route = { name: "chat", hostname, server, port, maxUpload: ByteSize.mebibytes(100) };
    this.write("chat.yml", routeFile(route, ownDoor(false, perAddress)));
  }

  /** Nothing listens behind it any more. */
  away(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  back(): Promise<void> {
    return new Promise((resolve) => this.server.listen(this.port, "0.0.0.0", resolve));
  }

  /** It may be another one after a restart. */
  findAddress(): void {
    this.address = docker.inspect(this.name, "{{.NetworkSettings.Networks.bridge.IPAddress}}");
  }

  write(file: string, content: object): void {
    writeFileSync(join(this.dynamic, `${file}.new`), stringify(content));
    renameSync(join(this.dynamic, `${file}.new`), join(this.dynamic, file));
  }

  /** A connection over TLS, whatever certificate is shown. */
  connect(servername = this.hostname): Promise<tls.TLSSocket> {
    return new Promise((resolve, reject) => {
      const socket = tls.connect(
        { host: this.address, port: 443, servername, rejectUnauthorized: false, timeout: 60_000 },
        () => resolve(socket),
      );
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("closed")));
      socket.on("error", () => undefined);
    });
  }

  stop(): void {
    docker.run("rm", "--force", "--volumes", this.name);
    this.away();
  }
}
