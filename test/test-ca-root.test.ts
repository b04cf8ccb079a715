import type { AddressInfo } from "node:net";
import * as tls from "node:tls";
import { generate } from "selfsigned";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRootOf } from "../commands/up/test-ca-root";

const certificate = (name: string) =>
  generate([{ name: "commonName", value: name }], {
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: name }] }],
  });
const hostname = "chat.localhost";
let own: Awaited<ReturnType<typeof certificate>>;
let door: { address: string; port: number; hostname: string };
let server: tls.Server;

beforeAll(async () => {
  own = await certificate(hostname);
  server = tls.createServer({ key: own.private, cert: own.cert });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  door = { address: "127.0.0.1", port: (server.address() as AddressInfo).port, hostname };
});
afterAll(() => server.close());

describe("a root that was copied before", () => {
  it("is good while it vouches for the front door's certificate, by whichever address that listens", async () => {
    expect(await isRootOf(own.cert, door)).toBe(true);
    expect(await isRootOf(own.cert, { ...door, address: "0.0.0.0" })).toBe(true);
  });

  it("is read again where it is another's, or beside another's", async () => {
    const other = await certificate(hostname);
    expect(await isRootOf(other.cert, door)).toBe(false);
    expect(await isRootOf(`${own.cert}\n${other.cert}`, door)).toBe(false);
  });

  it("is read again where there is none, and where it is none", async () => {
    expect([await isRootOf("", door), await isRootOf("no certificate", door)]).toEqual([false, false]);
    const broken = own.cert.replace(/\n[^-]+\n/, "\nAAAA\n");
    expect(await isRootOf(broken, door)).toBe(false);
  });

  it("is read again where the front door has another name, or is not there", async () => {
    expect(await isRootOf(own.cert, { ...door, hostname: "other.localhost" })).toBe(false);
    server.close();
    expect(await isRootOf(own.cert, door)).toBe(false);
  });
});
