import { relative } from "node:path";
import type { PlainSettings } from "../../settings/schema";
import { projectRoot } from "../../terminal/paths";
import type { Stack } from "../stack/stack";
import { copyOfRoot } from "./test-ca-root";

/** What the operator does next, once the stack `local` is up. */
export async function summary(stack: Stack, settings: PlainSettings, took: string): Promise<string> {
  const { admin, url } = settings;
  return `
Rocket.Chat is up (${took}).

  address          ${url}
  administrator    ${admin.username}
  password         npm run --silent pulumi -- stack output adminPassword --show-secrets
${await rootLines(stack, settings, url)}  take it down     npm run down                      keeps the data for the next npm run up
                   npm run down -- --delete-data     removes everything`;
}

/** How to trust the test CA; nothing where certificates come from elsewhere. */
async function rootLines(stack: Stack, settings: PlainSettings, url: string): Promise<string> {
  const { ingress } = settings;
  if (ingress.mode === "existing" || ingress.acme.server !== "test-ca") return "";
  const root = relative(projectRoot, await copyOfRoot(stack, settings, ingress));
  return `  test CA's root   ${root}
                   curl --cacert ${root} ${url}/api/info
                   a browser: import it as an authority for web sites, in the settings for certificates
                   Debian, Ubuntu: cp ${root} /usr/local/share/ca-certificates/rocketchat-local.crt && update-ca-certificates
`;
}
