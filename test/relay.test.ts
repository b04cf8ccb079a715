import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { afterEach, expect, it } from "vitest";

const script = readFileSync("scripts/rocketchat/relay.js", "utf8");
let server: Server | undefined;
afterEach(() => server?.close());

/** A server that reads every request, and answers those to `/good` alone. */
async function listen(): Promise<number> {
  const started = createServer((request, response) => {
    request.resume().on("end", () => {
      if (request.url === "/good") response.end("done");
      else request.socket.destroy();
    });
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return (started.address() as AddressInfo).port;
}

/** What the relay says of calls that are made one after the other. */
async function relayed(port: number, paths: string[]): Promise<object[]> {
  const child = spawn(process.execPath, ["-e", script], { env: { PORT: String(port) } });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const said: object[] = [];
  for (const [id, path] of paths.entries()) {
    child.stdin.write(`${JSON.stringify({ id, method: "POST", path, headers: {}, body: "{}" })}\n`);
    said.push(JSON.parse(String((await lines.next()).value)) as object);
  }
  child.stdin.end();
  return said;
}

it("says that the server may have seen a request that it read and dropped, whichever came before", async () => {
  expect(await relayed(await listen(), ["/good", "/dropped", "/dropped"])).toMatchObject([
    { id: 0, status: 200, body: "done" },
    { id: 1, fault: "ECONNRESET", sent: true },
    { id: 2, fault: "ECONNRESET", sent: true },
  ]);
});

it("says that nobody saw a request where nobody listens", async () => {
  const port = await listen();
  server?.close();
  expect(await relayed(port, ["/good"])).toEqual([{ id: 0, fault: "ECONNREFUSED", sent: false }]);
});
