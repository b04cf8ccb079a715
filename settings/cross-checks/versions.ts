import { ImageRef } from "../image";
import { got, type Problem } from "../problems";
import type { PlainSettings } from "../schema";
import { asksTokens, tokensMended } from "../workspace/two-factor";
import { type CrossCheck, oneOf } from "./check";

export const versionChecks: CrossCheck[] = [
  {
    keys: ["rocketchat.version", "rocketchat.bypassMongoValidation", "mongo.version"],
    problem: ensureSupportedMongo,
  },
  { keys: ["rocketchat.version", "workspace.roles.admin"], problem: ensureTokensPass },
  {
    keys: ["rocketchat.version", "rocketchat.image"],
    problem: ({ rocketchat }) =>
      ensureTagOfVersion("rocketchat", rocketchat, "", [
        "rocketchat/rocket.chat",
        "docker.io/rocketchat/rocket.chat",
        "registry.rocket.chat/rocketchat/rocket.chat",
      ]),
  },
  {
    keys: ["mongo.version", "mongo.image"],
    problem: ({ mongo }) =>
      ensureTagOfVersion("mongo", mongo, "", [
        "mongo",
        "library/mongo",
        "docker.io/mongo",
        "docker.io/library/mongo",
      ]),
  },
  {
    keys: ["ingress.version", "ingress.image"],
    problem: ({ ingress }) =>
      ingress.mode === "managed"
        ? ensureTagOfVersion("ingress", ingress, "v", [
            "traefik",
            "library/traefik",
            "docker.io/traefik",
            "docker.io/library/traefik",
          ])
        : undefined,
  },
];

/**
 * Rocket.Chat's support table: for 7.x and from 8.2 on the `compatibleMongoVersions` that each release
 * publishes (8.2 and later: 8.0 only, RocketChat/Rocket.Chat#38596). For 8.0 and 8.1, which list a rapid
 * release only, what their start-up check accepts, 7.0 and newer.
 */
export function supportedMongo(rocketchat: string): string[] {
  const [major = 0, minor = 0] = rocketchat.split(".").map(Number);
  if (major === 7) return ["5.0", "6.0", "7.0", "8.0"];
  return major === 8 && minor < 2 ? ["7.0", "8.0", "8.2"] : ["8.0"];
}

function ensureSupportedMongo({ rocketchat, mongo }: PlainSettings): Problem | undefined {
  const supported = supportedMongo(rocketchat.version);
  const series = mongo.version.split(".").slice(0, 2).join(".");
  if (rocketchat.bypassMongoValidation || supported.includes(series)) return undefined;
  return {
    key: "mongo.version",
    rule: `must be MongoDB ${oneOf(supported)} for Rocket.Chat ${rocketchat.version}`,
    value: got(mongo.version),
    fix: "change mongo.version or rocketchat.version",
  };
}

/** Once the administrator has an authenticator, no deployment would get past the questions for its codes. */
function ensureTokensPass({ rocketchat, workspace }: PlainSettings): Problem | undefined {
  if (!asksTokens(rocketchat.version) || workspace.roles["admin"]?.mandatory2fa !== true) return undefined;
  return {
    key: "rocketchat.version",
    rule: `must be ${tokensMended} or newer with workspace.roles.admin.mandatory2fa: 8.5 asks deployments for codes whatever their token says`,
    value: got(rocketchat.version),
    fix: "raise rocketchat.version, or remove workspace.roles.admin",
  };
}

function ensureTagOfVersion(
  group: string,
  { image, version }: { image: string; version: string },
  letter: string,
  official: string[],
): Problem | undefined {
  const { repository, tag } = ImageRef.parse(image);
  const exact = letter + version;
  const variant = tag.startsWith(`${exact}-`) && !tag.startsWith(`${exact}-rc`);
  if (!official.includes(repository) || tag === exact || variant) return undefined;
  return {
    key: `${group}.image`,
    rule: `must carry the tag of ${group}.version, ${exact}`,
    value: got(image),
    fix: `change ${group}.version or remove ${group}.image`,
  };
}
