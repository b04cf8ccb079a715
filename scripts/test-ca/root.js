// Prints the root that the certificate of a site leads to: the kept one as long as it fits, else the test CA's present one.
// Waits until the front door has its certificate. Runs in a container on the front door's network.
//   KEPT_ROOT                               PEM, or empty
//   TEST_CA                                 host name of the test CA
//   SITE_ADDRESS, SITE_PORT, SITE_HOSTNAME  the site
/* global require */
const https = require("node:https");
const tls = require("node:tls");

const { KEPT_ROOT, TEST_CA, SITE_ADDRESS, SITE_PORT, SITE_HOSTNAME } = process.env;
const deadline = Date.now() + 180_000;

function presentRoot() {
  return new Promise((resolve, reject) => {
    // What it answers counts only when the site's certificate proves it, so the transport needs no trust.
    const options = {
      host: TEST_CA,
      port: 15000,
      path: "/roots/0",
      rejectUnauthorized: false,
      timeout: 5_000,
    };
    const request = https.get(options, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () =>
        response.statusCode === 200 ? resolve(body) : reject(new Error(`status ${response.statusCode}`)),
      );
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 5 s")));
    request.on("error", reject);
  });
}

function leadsTo(root) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect(
      { host: SITE_ADDRESS, port: SITE_PORT, servername: SITE_HOSTNAME, ca: root, timeout: 5_000 },
      () => {
        socket.end();
        resolve(root);
      },
    );
    socket.on("timeout", () => socket.destroy(new Error("no answer within 5 s")));
    socket.on("error", reject);
  });
}

async function main() {
  for (;;) {
    try {
      const root = KEPT_ROOT
        ? await leadsTo(KEPT_ROOT).catch(async () => leadsTo(await presentRoot()))
        : await leadsTo(await presentRoot());
      process.stdout.write(root.trim());
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        console.error(
          `the front door has no certificate of the test CA for ${SITE_HOSTNAME} after 3 minutes (${error.message}); look at the logs ` +
            `of Traefik and of ${TEST_CA}; where the certificate is an old one whose root is lost, remove it from Traefik's acme directory`,
        );
        process.exit(1);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

main();
