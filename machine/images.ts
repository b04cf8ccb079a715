import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { Client } from "../engine/client";
import { withoutSecrets } from "../terminal/child-environment";
import { projectRoot } from "../terminal/paths";
import { say, step } from "../terminal/steps";

/** Images by the part that runs them. */
export interface LabImages {
  rocketchat: string;
  mongo: string;
  traefik: string;
  pebble: string;
  busybox: string;
  restic: string;
  rclone: string;
}

/**
 * The images of stand-ins, built where the official ones cannot be pulled; undefined where they can. `IMAGES=official` and
 * `IMAGES=lab` decide it without asking.
 */
export async function ensureImages(dockerHost: string): Promise<LabImages | undefined> {
  const wanted = process.env["IMAGES"];
  if (wanted === "official" || (wanted !== "lab" && (await canPull(new Client(dockerHost)))))
    return undefined;

  const answer = await step({
    title: "building the lab images",
    log: "lab-images",
    command: "bash",
    args: ["lab/images/build.sh"],
    env: { ...withoutSecrets(), DOCKER_HOST: dockerHost },
    progress: true,
    fix: "mend what it says, then run the command again",
  });
  const images = Object.fromEntries(
    answer
      .trim()
      .split("\n")
      .map((line) => line.split("=", 2) as [string, string]),
  ) as unknown as LabImages;
  say(
    "  images: official ones cannot be pulled here, so lab images stand in; Rocket.Chat's is a stand-in for tests, not Rocket.Chat",
  );
  return images;
}

async function canPull(docker: Client): Promise<boolean> {
  const helper = (
    parse(readFileSync(join(projectRoot, "Pulumi.local.yaml"), "utf8")) as { config: Record<string, string> }
  ).config["rocketchat:helperImage"];
  const present = await docker.try(["image", "inspect", String(helper)]);
  if (present.status === 0) return true;
  const pulled = await docker.try(["pull", "--quiet", String(helper)], { limitMs: 30_000 });
  return pulled.status === 0;
}

/** Which servers a stack runs itself. */
export interface Runs {
  mongo: boolean;
  ingress: boolean;
  /** @default false */
  backup?: boolean;
}

/** Rocket.Chat's image, where `npm test -- --image` names one in place of the settings' or the stand-in, and the version in its tag. */
function namedImage(): { image?: string; version?: string } {
  const image = process.env["ROCKETCHAT_IMAGE"];
  if (image === undefined) return {};
  const [, version] = /:v?([0-9]+\.[0-9]+\.[0-9]+(?:-rc\.[0-9]+)?)(?:@|$)/.exec(image) ?? [];
  return { image, ...(version !== undefined && { version }) };
}

/** What a stack's configuration says differently when lab images stand in, or another image of Rocket.Chat is tried. */
export function labConfig(
  images: LabImages | undefined,
  runs: Runs = { mongo: true, ingress: true },
): Record<string, unknown> {
  const named = namedImage();
  if (images === undefined) return named.image === undefined ? {} : { "rocketchat:rocketchat": named };
  return {
    "rocketchat:helperImage": images.busybox,
    "rocketchat:rocketchat": { image: images.rocketchat, bypassMongoValidation: true, ...named },
    "rocketchat:mongo": {
      version: "6.0.5",
      image: images.mongo,
      ...(runs.mongo ? { openFiles: 20000 } : {}),
    },
    ...(runs.ingress
      ? { "rocketchat:ingress": { image: images.traefik, acme: { testCaImage: images.pebble } } }
      : {}),
    ...(runs.backup
      ? { "rocketchat:backup": { resticImage: images.restic, rcloneImage: images.rclone } }
      : {}),
  };
}
