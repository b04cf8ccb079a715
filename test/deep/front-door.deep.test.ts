import { execFile } from "node:child_process";
import * as net from "node:net";
import type * as tls from "node:tls";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ByteSize, Duration } from "../../settings/units";
import { until } from "../integration/site";
import { ownFile } from "../../components/front-door/traefik-own-file";
import { BareTraefik, docker, image, ports } from "./bare-traefik";

const perAddress = 200;
const seconds = 15;

/** Bodies that reached the server. */
const seen: string[] = [];

const traefik = new BareTraefik("it-front-door", (request, response) => {
  let text = "";
  request.on("data", (data: Buffer) => (text += data.toString()));
  request.on("end", () => {
    seen.push(text);
    response.end(`${text.length} bytes for ${String(request.headers["x-forwarded-for"])}`);
  });
  request.on("error", () => undefined);
});

/** An answer's text, or why there is none; the connection goes with it. */
function answerOf(socket: tls.TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (data: Buffer) => (text += data.toString()));
    socket.on("close", () => resolve(text));
  });
}

const get = "GET / HTTP/1.1\r\nHost: chat.test\r\nConnection: close\r\n\r\n";

/** Asks once from a container, which has an address of its own. */
async function fromAnotherAddress(): Promise<string> {
  const script = `const s = require("tls").connect({ host: "${traefik.address}", port: 443, servername: "chat.test", rejectUnauthorized: false },
    () => s.write(${JSON.stringify(get)})); s.on("data", (d) => process.stdout.write(d)); s.on("error", (e) => console.log(e.message))`;
  // Not with DockerCli, which waits: the server behind it is in this process.
  const args = ["run", "--rm", "--entrypoint", "node", image("rocketchat"), "-e", script];
  return (await promisify(execFile)("docker", args, { timeout: 60_000 })).stdout;
}

beforeAll(async () => {
  await traefik.start({
    requestTime: Duration.seconds(seconds),
    perAddress,
    memory: ByteSize.mebibytes(256),
  });
  await until("the site answers", async () => {
    const socket = await traefik.connect();
    socket.write(get);
    expect(await answerOf(socket)).toContain("200 OK");
  });
});
afterAll(() => traefik.stop());

describe("slow clients", () => {
  const half = {
    headers: "GET / HTTP/1.1\r\nHost: chat.test\r\nX-Slow: ",
    body: "POST / HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 1000000\r\n\r\nhalf",
  };

  it.each(["headers", "body"] as const)(
    "with half of their %s sent have so many connections from one address, and as long as a request may take",
    async (part) => {
      const begun = Date.now();
      const opened = await Promise.allSettled(Array.from({ length: 600 }, () => traefik.connect()));
      const sockets = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      for (const socket of sockets) socket.write(half[part]);

      expect(sockets.length).toBe(perAddress);
      expect(await fromAnotherAddress()).toContain("200 OK");
      await Promise.all(sockets.map((socket) => answerOf(socket)));
      const lasted = (Date.now() - begun) / 1000;
      expect(lasted).toBeGreaterThan(seconds - 1);
      expect(lasted).toBeLessThan(seconds + 15);
      expect(docker.inspect(traefik.name, "{{.State.OOMKilled}} {{.RestartCount}}")).toBe("false 0");
      // Traefik counts a connection until it has seen its end, which comes a moment after ours.
      await until("another connection gets in", async () => (await traefik.connect()).destroy());
    },
  );

  it("who say nothing at all are gone after 10 seconds", async () => {
    const begun = Date.now();
    const socket = net.connect(443, traefik.address);
    await new Promise((resolve) =>
      socket
        .on("close", resolve)
        .on("error", () => undefined)
        .resume(),
    );
    expect((Date.now() - begun) / 1000).toBeLessThan(14);
  });

  it("cannot send headers without end", async () => {
    const socket = await traefik.connect();
    socket.write(`GET / HTTP/1.1\r\nHost: chat.test\r\nX-Large: ${"x".repeat(40 * 1024)}\r\n\r\n`);
    expect(await answerOf(socket)).toContain("431");
  });
});

it("an upload that takes most of the time that is allowed ends well, and is known by its user's address", async () => {
  const pieces = 10;
  const piece = "x".repeat(10_000);
  const socket = await traefik.connect();
  socket.write(
    `POST / HTTP/1.1\r\nHost: chat.test\r\nConnection: close\r\nX-Forwarded-For: 192.0.2.1\r\nContent-Length: ${pieces * piece.length}\r\n\r\n`,
  );
  const answer = answerOf(socket);
  for (let sent = 0; sent < pieces; sent++) {
    await new Promise((resolve) => setTimeout(resolve, ((seconds - 4) * 1000) / pieces));
    socket.write(piece);
  }
  expect(await answer).toContain(`${pieces * piece.length} bytes for ${docker.gateway("bridge")}`);
});

describe("while the server is away", () => {
  /** A POST over HTTP/1.1. @param patience Seconds after which its sender gives up. */
  async function post(body: string, patience = 120): Promise<string> {
    const socket = await traefik.connect();
    socket.write(
      `POST /hooks/x HTTP/1.1\r\nHost: chat.test\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const answer = answerOf(socket);
    setTimeout(() => socket.destroy(), patience * 1000);
    return answer;
  }

  it("a small request whose sender gave up is not delivered, and one whose sender waits is, once", async () => {
    traefik.away();
    const given = ["a", "b", "c", "d", "e"].map((letter) => post(`gone-${letter}`.padEnd(30_000, "."), 1));
    const stays = post("stays");
    const large = post("large".padEnd(200_000, "."));
    await Promise.all(given);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    seen.length = 0;
    await traefik.back();
    expect(await stays).toContain("200 OK");
    expect(await large).toContain("200000 bytes");
    expect(seen.map((body) => body.slice(0, 5)).sort()).toEqual(["large", "stays"]);
  });

  it("1,000 held requests stay within the memory that Traefik has by default", async () => {
    traefik.write("tls.yml", ownFile(ports, 2000));
    traefik.publish(2000);
    traefik.away();
    const held = Array.from({ length: 1000 }, () => post("held".padEnd(2000, ".")));
    await new Promise((resolve) => setTimeout(resolve, 5000));
    await traefik.back();
    const answers = await Promise.all(held);
    expect(answers.filter((answer) => answer.includes("200 OK")).length).toBe(1000);
    expect(docker.inspect(traefik.name, "{{.State.OOMKilled}} {{.RestartCount}}")).toBe("false 0");
    traefik.write("tls.yml", ownFile(ports, perAddress));
    traefik.publish(perAddress);
  });
});

it("no certificate but the site's own is ever shown, from the first moment of a start on", async () => {
  const shown = new Set<string>();
  let served = 0;
  for (let start = 0; start < 5; start++) {
    docker.run("stop", "--time", "2", traefik.name);
    let over = false;
    const clients = Array.from({ length: 8 }, async () => {
      while (!over) {
        const socket = await traefik.connect().catch(() => undefined);
        if (socket === undefined) continue;
        const { subject } = socket.getPeerCertificate();
        shown.add(String(subject.CN));
        served++;
        socket.destroy();
      }
    });
    docker.run("start", traefik.name);
    traefik.findAddress();
    const before = served;
    await until("it serves again", () => Promise.resolve(expect(served).toBeGreaterThan(before + 50)));
    over = true;
    await Promise.all(clients);
  }
  expect([...shown]).toEqual(["chat.test"]);
  await expect(traefik.connect("other.test")).rejects.toThrow();
});
