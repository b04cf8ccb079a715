import { createHash, randomUUID } from "node:crypto";
import * as http from "node:http";

/** A registry of images in memory, on this machine alone: an engine takes one on 127.0.0.1 without a certificate. */
export class Registry {
  private readonly blobs = new Map<string, Buffer>();
  /** By name, and tag or digest. */
  private readonly manifests = new Map<string, { type: string; bytes: Buffer }>();
  private readonly uploads = new Map<string, Buffer[]>();
  private readonly server = http.createServer((request, response) => {
    void bodyOf(request).then((body) => this.answer(request, body, response));
  });

  constructor(readonly port: number) {}

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.on("error", reject).listen(this.port, "127.0.0.1", resolve);
    });
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private answer(request: http.IncomingMessage, body: Buffer, response: http.ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url!, "http://registry");
    const [, name = "", kind = "", reference = ""] =
      /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs)\/([^/]*)$/.exec(pathname) ?? [];
    const reply = (status: number, headers: http.OutgoingHttpHeaders = {}, bytes?: Buffer) =>
      response
        .writeHead(status, { "Content-Length": bytes?.length ?? 0, ...headers })
        .end(request.method === "HEAD" ? undefined : bytes);

    if (pathname === "/v2/") return void reply(200);
    if (kind === "manifests" && request.method === "PUT") {
      const digest = digestOf(body);
      const manifest = { type: request.headers["content-type"]!, bytes: body };
      for (const known of [reference, digest]) this.manifests.set(`${name} ${known}`, manifest);
      return void reply(201, { Location: pathname, "Docker-Content-Digest": digest });
    }
    if (kind === "manifests") {
      const found = this.manifests.get(`${name} ${reference}`);
      if (found === undefined) return void reply(404);
      const headers = { "Content-Type": found.type, "Docker-Content-Digest": digestOf(found.bytes) };
      return void reply(200, headers, found.bytes);
    }
    if (kind === "blobs") {
      const found = this.blobs.get(reference);
      return void reply(found === undefined ? 404 : 200, { "Docker-Content-Digest": reference }, found);
    }
    if (kind !== "blobs/uploads") return void reply(404);
    const upload = reference === "" ? randomUUID() : reference;
    const parts = [...(this.uploads.get(upload) ?? []), body];
    const digest = searchParams.get("digest");
    this.uploads.set(upload, parts);
    if (digest === null) {
      const size = Buffer.concat(parts).length;
      const headers = {
        Location: `/v2/${name}/blobs/uploads/${upload}`,
        Range: `0-${Math.max(size - 1, 0)}`,
      };
      return void reply(202, { ...headers, "Docker-Upload-UUID": upload });
    }
    this.blobs.set(digest, Buffer.concat(parts));
    this.uploads.delete(upload);
    reply(201, { Location: `/v2/${name}/blobs/${digest}`, "Docker-Content-Digest": digest });
  }
}

async function bodyOf(request: http.IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
