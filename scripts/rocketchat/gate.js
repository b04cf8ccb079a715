// Waits until the workspace answers /api/info through the front door, from inside the front door's network. Runs in
// Rocket.Chat's container. It does not insist on who issued the certificate; a front door of this project answers with none at all.
//   GATE_ADDRESS, GATE_PORT  the front door
//   GATE_HOSTNAME            the workspace's host name
//   GATE_SECONDS             optional: how long it waits, 600 by default
//   CONTAINER_ID             optional: not read; another one has a step run again
/* global require */
const https = require("node:https");

const { GATE_ADDRESS, GATE_PORT, GATE_HOSTNAME, GATE_SECONDS = "600" } = process.env;
const deadline = Date.now() + Number(GATE_SECONDS) * 1000;
const url = `https://${GATE_HOSTNAME}${GATE_PORT === "443" ? "" : `:${GATE_PORT}`}/api/info`;

/** An error that stands for several, one for each address of a name, says nothing itself. */
function reasonOf({ code, errors = [], message }) {
  return message || errors.map((error) => error.message).join(", ") || code || "no reason given";
}

function ask() {
  return new Promise((resolve, reject) => {
    const request = https.get(
      {
        host: GATE_ADDRESS,
        port: GATE_PORT,
        path: "/api/info",
        servername: GATE_HOSTNAME,
        headers: { Host: GATE_HOSTNAME },
        rejectUnauthorized: false,
        timeout: 30_000,
      },
      (response) => {
        const { authorized } = response.socket;
        let body = "";
        response.on("data", (chunk) => (body += chunk));
        response.on("end", () => {
          if (response.statusCode !== 200) return reject(new Error(`status ${response.statusCode}`));
          try {
            const info = JSON.parse(body);
            if (info.success !== true) return reject(new Error("no success in the answer"));
            resolve({ version: info.version, authorized });
          } catch {
            reject(new Error("the answer is not JSON"));
          }
        });
      },
    );
    request.on("timeout", () => request.destroy(new Error("no answer within 30 s")));
    request.on("error", reject);
  });
}

async function main() {
  for (;;) {
    try {
      const { version } = await ask();
      console.log(`${url} answers: Rocket.Chat ${version}`);
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        // What Traefik says for a name that it has no certificate for.
        const without = error.code === "ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR";
        console.error(
          `the workspace did not answer at ${url}, asked at ${GATE_ADDRESS}:${GATE_PORT}, within ${GATE_SECONDS} s ` +
            `(${without ? "the front door has no certificate for that name yet" : reasonOf(error)}); ` +
            (without
              ? "Traefik's log says why, and it goes on trying: docker logs --tail 50 NAME. See that the name leads to this host, then deploy again"
              : "look at the logs of the containers of Rocket.Chat and Traefik: docker logs --tail 50 NAME"),
        );
        process.exit(1);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

main();
