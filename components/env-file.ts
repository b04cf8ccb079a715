import { createHash, createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { renderEnvFile } from "../settings/dotenv";

/** A value that `up` learns from the host, and what stands for it in fingerprints. */
export interface LearntValue {
  value: pulumi.Output<string>;
  proposal: pulumi.Output<string>;
}

/** Environment of a program: plain values as they are, secrets with their proposal. */
export type EnvEntries = Record<string, string | LearntValue>;

/** The text of an environment file. Secret as soon as one entry is. */
export function renderEnv(entries: EnvEntries): pulumi.Output<string> {
  return pulumi.all(mapEntries(entries, (learnt) => learnt.value)).apply(renderEnvFile);
}

/**
 * Changes whenever the environment does, and tells nothing about it: an HMAC under a generated key. It is computed from the
 * program's inputs and never from what the host answered, so that it is known in every preview after the first one.
 */
export function envFingerprint(
  name: string,
  entries: EnvEntries,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const key = new random.RandomPassword(`${name}-fingerprint`, { length: 32, special: false }, opts);
  return pulumi.unsecret(
    pulumi
      .all([key.result, pulumi.all(mapEntries(entries, (learnt) => learnt.proposal))])
      .apply(([hmacKey, env]) =>
        createHmac("sha256", hmacKey).update(renderEnvFile(env)).digest("hex").slice(0, 16),
      ),
  );
}

/** Names what a container is made of: the same parts give the same generation. */
export function generationOf(image: string, envFingerprint: string, command: string[]): string {
  return createHash("sha256")
    .update(JSON.stringify([image, envFingerprint, command]))
    .digest("hex")
    .slice(0, 12);
}

function mapEntries(
  entries: EnvEntries,
  pick: (learnt: LearntValue) => pulumi.Output<string>,
): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [name, typeof entry === "string" ? entry : pick(entry)]),
  );
}
