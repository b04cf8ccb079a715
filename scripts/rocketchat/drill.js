// Asks a Rocket.Chat that runs on restored data, from inside its container: whether it answers, lets its administrator in, and has
// the newest message and the newest upload. Also whether it really reaches nobody. Answers one line of JSON.
//   PORT   it listens on
//   standard input: {"user","password","token","userId","message":{"id","room","text"},"file":{"id","name","sha256"},"outside":[]}
//   `outside`: host:port of what must be out of reach
/* global require */
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const net = require("node:net");
const { networkInterfaces } = require("node:os");

const { user, password, token, userId, message, file, outside } = JSON.parse(fs.readFileSync(0, "utf8"));
const base = `http://127.0.0.1:${process.env.PORT}`;
const minutes = 10;

class Failed extends Error {}

async function ask(path, options = {}) {
  const response = await fetch(base + path, { redirect: "manual", ...options });
  if (response.status !== 200) throw new Failed(`${path.split("?")[0]} answered ${response.status}`);
  return response;
}

async function started() {
  const deadline = Date.now() + minutes * 60_000;
  for (;;) {
    try {
      return (await (await ask("/api/info")).json()).version;
    } catch (error) {
      if (Date.now() > deadline)
        throw new Failed(`Rocket.Chat did not answer within ${minutes} minutes: ${error.message}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** With the password of the snapshot's secrets; where somebody has changed it since, or asks for a second factor, with a token. */
async function login() {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ user, password });
  try {
    const { data } = await (await ask("/api/v1/login", { method: "POST", headers, body })).json();
    return { by: "password", headers: { "x-auth-token": data.authToken, "x-user-id": data.userId } };
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    const byToken = { "x-auth-token": token, "x-user-id": userId };
    await ask("/api/v1/me", { headers: byToken });
    return { by: "token", headers: byToken };
  }
}

async function canary(headers) {
  if (message === null) return;
  const path = `/api/v1/channels.messages?roomId=${encodeURIComponent(message.room)}&count=100`;
  const { messages } = await (await ask(path, { headers })).json();
  const found = messages.find(({ _id }) => _id === message.id);
  if (found?.msg !== message.text)
    throw new Failed(`the newest message, ${message.id}, is ${found ? "another text" : "not there"}`);
}

async function upload(headers) {
  if (file === null) return;
  const cookie = `rc_uid=${headers["x-user-id"]}; rc_token=${headers["x-auth-token"]}`;
  const path = `/file-upload/${file.id}/${encodeURIComponent(file.name)}`;
  const bytes = Buffer.from(await (await ask(path, { headers: { ...headers, cookie } })).arrayBuffer());
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== file.sha256)
    throw new Failed(`the upload ${file.id} has the SHA-256 ${sha256} instead of ${file.sha256}`);
}

/** What the kernel knows of ways out, and what happens to who tries. */
async function isolation() {
  const [, ...routes] = fs.readFileSync("/proc/net/route", "utf8").trim().split("\n");
  const ways = [...Object.keys(networkInterfaces()), ...routes].filter((name) => name !== "lo");
  if (ways.length > 0) throw new Failed(`the drill has a network beside its loopback, ${ways[0]}`);
  const reached = (await Promise.all(outside.map(tryToReach))).filter(Boolean);
  if (reached.length > 0) throw new Failed(`the drill reached ${reached[0]}`);
}

function tryToReach(address) {
  const [host, port] = address.split(/:(?=\d+$)/);
  // In this network that is the drill itself.
  if (host.startsWith("127.")) return undefined;
  return new Promise((resolve) => {
    const socket = net.connect({ host, port: Number(port) });
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(3000, () => end(undefined));
    socket.on("connect", () => end(address));
    // A refusal is an answer, too: somebody is there.
    socket.on("error", ({ code }) => end(code === "ECONNREFUSED" ? address : undefined));
  });
}

async function main() {
  try {
    await isolation();
    const version = await started();
    const { by, headers } = await login();
    await canary(headers);
    await upload(headers);
    console.log(JSON.stringify({ version, by }));
  } catch (error) {
    console.log(JSON.stringify({ fault: error.message }));
  }
}

main();
