import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tls from "node:tls";
import { Host } from "../../engine/host";
import { acmeDirectory } from "../../inventory/traefik";
import type { PlainSettings } from "../../settings/schema";
import { OperatorError } from "../../terminal/steps";
import type { Stack } from "../stack/stack";
import { localDirectory } from "../stack/stack-file";

type OwnDoor = Extract<PlainSettings["ingress"], { mode: "managed" }>;

/**
 * The test CA's root for the operator, who cannot read the one on the engine's host, which is root's. What was copied before is good
 * as long as the front door's certificate is this root's; else it is read from the host, which takes a container.
 * @returns the copy's path
 */
export async function copyOfRoot(stack: Stack, settings: PlainSettings, ingress: OwnDoor): Promise<string> {
  const copy = join(localDirectory, "test-ca-root.pem");
  const known = existsSync(copy) ? readFileSync(copy, "utf8") : "";
  const door = { address: ingress.bind, port: ingress.httpsPort, hostname: settings.hostname };
  if (await isRootOf(known, door)) return copy;

  const acme = acmeDirectory(ingress);
  const root = await new Host(settings.engine, settings.helperImage, stack.env).script(
    "scripts/host/read-file.sh",
    acme,
    { FILE: join(acme, "test-ca-root.pem") },
    { mountExists: true },
  );
  if (root === "")
    throw new OperatorError(`${acme}: must hold the test CA's root (got none); run npm run up again`);
  writeFileSync(copy, root);
  return copy;
}

/** Whether a text is one certificate, and vouches for the one that a front door shows for a name. */
export function isRootOf(
  root: string,
  { address, port, hostname }: { address: string; port: number; hostname: string },
): Promise<boolean> {
  // Of several any could vouch.
  if (root.match(/-----BEGIN CERTIFICATE-----/g)?.length !== 1) return Promise.resolve(false);
  const any = { "0.0.0.0": "127.0.0.1", "::": "::1" }[address];
  return new Promise((resolve) => {
    const socket = tls.connect({
      host: any ?? address,
      port,
      servername: hostname,
      ca: root,
      timeout: 2_000,
    });
    const say = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket
      .on("secureConnect", () => say(socket.authorized))
      .on("timeout", () => say(false))
      .on("error", () => say(false));
  });
}
