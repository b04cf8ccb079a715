import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import {
  type EnvEntries,
  envFingerprint,
  fingerprintKey,
  generationOf,
  renderEnv,
} from "../components/chat/env-file";
import { graphOf, isSecret, valueOf } from "./graph";

const secret = (value: string, standIn = value) => ({ value: pulumi.secret(value), standIn });

async function fingerprintOf(entries: EnvEntries, key = "key") {
  const fingerprint = envFingerprint(pulumi.secret(key), entries);
  return { value: await valueOf(fingerprint), secret: await isSecret(fingerprint) };
}

describe("the environment file", () => {
  it("holds what the host answered, as a secret", async () => {
    const text = renderEnv({ PORT: "3002", ADMIN_PASS: secret("from the host", "proposed") });

    expect(await valueOf(text)).toBe("ADMIN_PASS='from the host'\nPORT='3002'\n");
    expect(await isSecret(text)).toBe(true);
  });
});

describe("the fingerprint of an environment", () => {
  it("changes with a plain value and with a secret, and is no secret itself", async () => {
    const first = await fingerprintOf({ PORT: "3002", ADMIN_PASS: secret("a") });

    expect(first.secret).toBe(false);
    expect(first.value).toMatch(/^[0-9a-f]{16}$/);
    expect((await fingerprintOf({ PORT: "3003", ADMIN_PASS: secret("a") })).value).not.toBe(first.value);
    expect((await fingerprintOf({ PORT: "3002", ADMIN_PASS: secret("b") })).value).not.toBe(first.value);
  });

  it("does not wait for the host: only the stand-in counts", async () => {
    const known = await fingerprintOf({ ADMIN_PASS: secret("answered today", "generated:1") });
    const other = await fingerprintOf({ ADMIN_PASS: secret("answered tomorrow", "generated:1") });

    expect(known.value).toBe(other.value);
  });

  it("cannot be guessed without its key, which is made once", async () => {
    const [first, second] = [
      await fingerprintOf({ PORT: "1" }, "one"),
      await fingerprintOf({ PORT: "1" }, "two"),
    ];
    expect(first.value).not.toBe(second.value);

    let key!: pulumi.Output<string>;
    await graphOf(() => (key = fingerprintKey("chat-env-fingerprint", {})));
    expect(await isSecret(key)).toBe(true);
  });
});

describe("the generation of a container", () => {
  it("changes with its image, its environment and its command", () => {
    const generation = generationOf("chat:1.0.0", "env", ["serve"]);

    expect(generation).toMatch(/^[0-9a-f]{12}$/);
    expect(generationOf("chat:1.0.0", "env", ["serve"])).toBe(generation);
    expect(generationOf("chat:1.0.1", "env", ["serve"])).not.toBe(generation);
    expect(generationOf("chat:1.0.0", "other", ["serve"])).not.toBe(generation);
    expect(generationOf("chat:1.0.0", "env", ["serve", "more"])).not.toBe(generation);
  });
});
