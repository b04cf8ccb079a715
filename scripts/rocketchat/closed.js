// Waits until the front door answers with the maintenance page. Status 1 when it does not in time.
//   GATE_ADDRESS, GATE_PORT, GATE_HOSTNAME   as for gate.js
/* global require */
const https = require("node:https");

const { GATE_ADDRESS, GATE_PORT, GATE_HOSTNAME } = process.env;
const deadline = Date.now() + 20_000;

function isClosed() {
  return new Promise((resolve) => {
    const request = https.get(
      {
        host: GATE_ADDRESS,
        port: GATE_PORT,
        path: "/api/info",
        servername: GATE_HOSTNAME,
        headers: { Host: GATE_HOSTNAME },
        rejectUnauthorized: false,
        timeout: 3000,
      },
      (response) => {
        response.resume();
        resolve(response.headers["x-maintenance"] !== undefined);
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}

async function main() {
  while (!(await isClosed())) {
    if (Date.now() > deadline) process.exit(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

main();
