// Carries requests to Rocket.Chat's own address. Runs in Rocket.Chat's container, so it needs neither DNS nor the front door.
// One JSON object a line. In:  { id, method, path, headers, body }
//                         Out: { id, status, headers, body } or { id, fault, sent }: whether the server may have seen it
//   PORT  Rocket.Chat's
/* global require */
const http = require("node:http");

const answer = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

function carry({ id, method, path, headers, body }) {
  let sent = false;
  const request = http.request(
    // A connection for each, so that `connect` tells of this one, and none was closed by the server meanwhile.
    { host: "127.0.0.1", port: process.env.PORT, method, path, headers, timeout: 60_000, agent: false },
    (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", ({ message }) => answer({ id, fault: message, sent }));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        answer({ id, status: response.statusCode, headers: response.headers, body: text });
      });
    },
  );
  request.on("socket", (socket) => socket.once("connect", () => (sent = true)));
  request.on("timeout", () => request.destroy(new Error("no answer within 60 s")));
  request.on("error", ({ code, message }) => answer({ id, fault: code ?? message, sent }));
  request.end(body);
}

require("node:readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => carry(JSON.parse(line)))
  .on("close", () => process.exit(0));
