import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { ApiFailure, NotReached, RestApi } from "../workspace/api";
import { provider, type State } from "../workspace/provider";
import { type Answer, HurriedTransport, type Request, type Transport } from "../workspace/relay";

/** A server that answers nothing at all, or always the same. */
class Server implements Transport {
  asked: Request[] = [];

  constructor(private readonly answer?: Answer) {}

  send(request: Request): Promise<Answer> {
    this.asked.push(request);
    return this.answer === undefined ? new Promise(() => undefined) : Promise.resolve(this.answer);
  }

  close(): void {}
}

const failing = { status: 500, headers: {}, body: '{"success":false,"error":"pool cleared"}' };

describe("a call in a hurry", () => {
  it("waits a short time for an answer, and asks once", async () => {
    const server = new Server();
    const transport = new HurriedTransport(server);
    const api = new RestApi(transport);

    await expect(transport.hurry(20, () => api.get("/api/v1/me"))).rejects.toThrow(
      new NotReached(
        "GET /api/v1/me: no answer from Rocket.Chat (no answer within 0.02 s); see npm run status, then run the command again",
      ),
    );
    expect(server.asked).toHaveLength(1);
  });

  it("takes the first error of a server for its answer", async () => {
    const server = new Server(failing);
    const transport = new HurriedTransport(server);

    await expect(transport.hurry(1000, () => new RestApi(transport).get("/api/v1/me"))).rejects.toThrow(
      ApiFailure,
    );
    expect(server.asked).toHaveLength(1);
  });

  it("leaves those that come later their time", async () => {
    const server = new Server(failing);
    const transport = new HurriedTransport(server);
    await transport.hurry(1000, () => Promise.resolve());

    const later = new RestApi(transport, {}, () => Promise.resolve()).get("/api/v1/me");
    await expect(later).rejects.toThrow(ApiFailure);
    expect(server.asked).toHaveLength(4);
  });
});

describe("a refresh of a workspace that cannot be asked", () => {
  const directory = mkdtempSync(join(tmpdir(), "rocketchat-docker-"));
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true });
  });

  it("says so, keeps what was known of each part, and does not ask for the next one again", async () => {
    const calls = join(directory, "calls");
    writeFileSync(
      join(directory, "docker"),
      `#!/bin/sh\necho "$1" >> ${calls}\ncase $1 in exec) exit 1 ;; *) echo "u1 token" ;; esac\n`,
    );
    chmodSync(join(directory, "docker"), 0o755);
    vi.stubEnv("PATH", `${directory}${delimiter}${process.env["PATH"] ?? ""}`);
    const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const connection = {
      engine: "unix:///none",
      helperImage: "busybox:1",
      container: "chat",
      port: 3000,
      secretsDirectory: "/opt/none",
      administrator: "admin",
    };
    const state = (kind: string): State => ({
      kind,
      connection,
      items: { general: { topic: "Ours" } },
      ids: { general: "GENERAL" },
      answers: {},
    });

    const channels = await provider.read("channels", state("channels"));
    const asked = readFileSync(calls, "utf8");
    const bots = await provider.read("bots", state("bots"));

    expect([channels.props, bots.props]).toEqual([state("channels"), state("bots")]);
    expect(asked).toContain("exec");
    expect(readFileSync(calls, "utf8")).toBe(asked);
    expect(said.mock.calls.map(([text]) => String(text))).toEqual([
      expect.stringMatching(
        /^channels: was not looked at, and is taken to be as it was; GET \/api\/v1\/me: no answer/,
      ),
      expect.stringMatching(/^bots: was not looked at/),
    ]);
    said.mockRestore();
  });
});
