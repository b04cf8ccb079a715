import * as https from "node:https";
import type { TLSSocket } from "node:tls";

/** What Traefik shows for a name that it has no certificate for. */
const noCertificate = "TRAEFIK DEFAULT CERT";

interface Door {
  port: number;
  /** Whoever answers must have a certificate for the name, from whomever. */
  ownCertificate: boolean;
}

/** Until the workspace first answers /api/info over HTTPS, asked ten times a second. @returns seconds since `began` */
export async function firstAnswer(door: Door, began: number, going: () => boolean): Promise<number> {
  for (;;) {
    const answered = await answers(door);
    const seconds = (performance.now() - began) / 1000;
    if (answered) return seconds;
    if (!going() || seconds > 300)
      throw new Error(`https://127.0.0.1:${door.port}/api/info: gave no good answer`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function answers({ port, ownCertificate }: Door): Promise<boolean> {
  return new Promise((resolve) => {
    const request = https.get(
      {
        host: "127.0.0.1",
        port,
        path: "/api/info",
        servername: "chat.localhost",
        headers: { host: `chat.localhost:${port}` },
        // The test CA's root is told at the end of a deployment, after the first answer.
        rejectUnauthorized: false,
        agent: false,
        timeout: 5_000,
      },
      (response) => {
        const { CN } = (response.socket as TLSSocket).getPeerCertificate().subject ?? {};
        response
          .resume()
          .on("end", () => resolve(response.statusCode === 200 && !(ownCertificate && CN === noCertificate)));
      },
    );
    request.on("timeout", () => request.destroy()).on("error", () => resolve(false));
  });
}
