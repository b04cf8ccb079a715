import { createHash, createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { renderEnvFile } from "../../settings/dotenv";

/** A value that a preview may not know, or may not show, and what stands for it in fingerprints. */
export interface LearntValue {
  value: pulumi.Output<string>;
  /** Known in every preview. It changes when the value is meant to change: the host decides what a generated secret is. */
  standIn: pulumi.Input<string>;
}

/** Environment of a program: plain values as they are, secrets with their stand-in. */
export type EnvEntries = Record<string, string | LearntValue>;

/** The text of an environment file. Secret as soon as one entry is. */
export function renderEnv(entries: EnvEntries): pulumi.Output<string> {
  return pulumi.all(mapEntries(entries, (learnt) => learnt.value)).apply(renderEnvFile);
}

/** The key of fingerprints, made once. Secret. */
export function fingerprintKey(name: string, opts: pulumi.CustomResourceOptions): pulumi.Output<string> {
  return pulumi.secret(new random.RandomPassword(name, { length: 32, special: false }, opts).result);
}

/**
 * Changes whenever the environment does, and tells nothing about it: an HMAC under a generated key. It is computed from the
 * program's inputs and never from what the host answered, so that it is known in every preview after the first one.
 */
export function envFingerprint(key: pulumi.Output<string>, entries: EnvEntries): pulumi.Output<string> {
  return pulumi.unsecret(
    pulumi
      .all([key, pulumi.all(mapEntries(entries, (learnt) => learnt.standIn))])
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
  pick: (learnt: LearntValue) => pulumi.Input<string>,
): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [name, typeof entry === "string" ? entry : pick(entry)]),
  );
}
