import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Clone } from "../integration/clone";
import { type Session, Site } from "../integration/site";

// The stack as it is deployed, with the limits that Traefik has in it.
const apart = { prefix: "itsl-", httpPort: 28180, httpsPort: 28543 };
const clone = new Clone("slow-line");
let site: Site;
let admin: Session;

beforeAll(async () => {
  clone.setApart(apart);
  await clone.succeed("up");
  const root = readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8");
  site = new Site("chat.localhost", apart.httpPort, apart.httpsPort, root);
  admin = await site.login("admin", await clone.pulumi("stack", "output", "adminPassword", "--show-secrets"));
});

afterAll(async () => {
  await clone.npm("down", ["--delete-data"], "local\n");
  clone.remove();
});

it("an upload on a slow line takes longer than Traefik's default limit of a minute", async () => {
  const answer = await slowUpload(site, admin, 66);
  expect(answer).toBe(200);
});

/** Sends a small file in pieces over the given time, and answers the status. */
async function slowUpload(site: Site, session: Session, seconds: number): Promise<number> {
  const boundary = "slow";
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="slow.txt"\r\nContent-Type: text/plain\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  const { request, answer } = site.open("POST", "/api/v1/rooms.media/GENERAL", {
    ...session.headers,
    "content-type": `multipart/form-data; boundary=${boundary}`,
    "content-length": String(head.length + seconds + tail.length),
  });
  request.write(head);
  for (let sent = 0; sent < seconds; sent++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    request.write("x");
  }
  request.end(tail);
  return (await answer).status;
}
