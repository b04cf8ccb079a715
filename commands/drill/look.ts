import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../terminal/paths";
import { OperatorError, tell } from "../../terminal/steps";
import type { Site } from "../restore/site";
import type { Worker } from "../restore/worker";
import { port, type Stage } from "./stage";

/** What a workspace must still serve; nothing where it has none. */
export interface Canary {
  admin: { id: string; username: string };
  message: { id: string; room: string; text: string } | null;
  file: { id: string; name: string; onDisk?: string; sha256?: string } | null;
}

/** Logs in, reads the message and the file, and says so; and that nothing of the live service is in reach. */
export async function look(
  site: Site,
  worker: Worker,
  stage: Stage,
  { admin, message, file }: Canary,
  sha256: string | undefined,
  token: string,
): Promise<void> {
  const password = await worker.sh("scripts/host/read-file.sh", {
    FILE: `${stage.directory}/snapshot/secrets/rocketchat/admin-password`,
  });
  const answer = await site.host.try(
    [
      "exec",
      "--interactive",
      `--env=PORT=${port}`,
      stage.chat,
      "node",
      "-e",
      readFileSync(join(projectRoot, "scripts/rocketchat/drill.js"), "utf8"),
    ],
    {
      input: JSON.stringify({
        user: admin.username,
        password,
        token,
        userId: admin.id,
        message,
        file: file === null ? null : { ...file, sha256 },
        outside: await liveAddresses(site),
      }),
    },
  );
  const found = JSON.parse(answer.stdout.trim().split("\n").at(-1) || "{}") as {
    version?: string;
    by?: string;
    fault?: string;
  };
  if (found.version === undefined)
    throw new OperatorError(found.fault ?? `${answer.stderr.trim()}\nthe drill's Rocket.Chat ended`);
  tell(`Rocket.Chat ${found.version} serves it; it has no network but its own loopback`);
  tell(
    found.by === "password"
      ? `${admin.username} logged in with the password of the snapshot's secrets`
      : `${admin.username} logged in, with a token of this drill: the password of the secrets is not the present one, or is not enough`,
  );
  tell(
    message === null
      ? "no message in a public channel"
      : `the newest message of a public channel is there, ${message.id}`,
  );
  tell(
    file === null
      ? site.settings.uploads.storage === "AmazonS3"
        ? "the uploads are in their S3 bucket, and were not looked at"
        : "no upload in it"
      : `the newest upload is there, ${file.id}, with SHA-256 ${sha256}`,
  );
}

/** Where the live service answers, and the host on each of its networks: out of a drill's reach. */
async function liveAddresses({ host, settings, chat, dataNetwork, edgeNetwork }: Site): Promise<string[]> {
  const addresses: string[] = [];
  for (const network of [dataNetwork, edgeNetwork, "bridge"]) {
    const format = "{{range .Containers}}{{.IPv4Address}} {{end}}{{range .IPAM.Config}}{{.Gateway}} {{end}}";
    const answer = await host.try(["network", "inspect", "--format", format, network]);
    const ips = answer.stdout.split(/\s+/).map((ip) => ip.split("/")[0]!);
    for (const ip of ips.filter((text) => text !== ""))
      for (const to of [27017, 22, 443, settings.ingress.httpsPort]) addresses.push(`${ip}:${to}`);
  }
  return [...addresses, `${chat}:${settings.rocketchat.port}`, `${settings.mongo.hostname}:27017`];
}

export async function hashOnDisk(
  worker: Worker,
  stage: Stage,
  { file }: Canary,
): Promise<string | undefined> {
  if (file?.onDisk === undefined) return undefined;
  // The name is the database's, which people write.
  if (file.onDisk.includes("/"))
    throw new OperatorError(
      `snapshot: its newest upload must be a file of its own (got ${JSON.stringify(file.onDisk)})`,
    );
  const path = `${stage.directory}/snapshot/uploads/${file.onDisk}`;
  const answer = await worker.sh("scripts/host/restore/hash.sh", { FILE: path });
  return answer.trim();
}
