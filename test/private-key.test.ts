import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { isOpenPrivateKey } from "../settings/private-key";

const directory = mkdtempSync(join(tmpdir(), "private-key-"));
afterAll(() => rmSync(directory, { recursive: true }));

let made = 0;

/** As ssh-keygen writes it. */
function sshKey(passphrase: string, ...options: string[]): string {
  const file = join(directory, `key-${++made}`);
  execFileSync("ssh-keygen", ["-q", "-t", "ecdsa", "-N", passphrase, "-C", "", "-f", file, ...options]);
  return readFileSync(file, "utf8");
}

it("takes keys without a passphrase, in OpenSSH's form, as PEM and as PKCS #8", () => {
  const pkcs8 = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
  for (const key of [sshKey(""), sshKey("", "-m", "PEM"), String(pkcs8), sshKey("").replaceAll("\n", "\r\n")])
    expect(isOpenPrivateKey(key)).toBe(true);
});

it("refuses the same with a passphrase", () => {
  const cipher = { cipher: "aes-256-cbc", passphrase: "words of somebody" };
  const pkcs8 = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem", ...cipher });
  for (const key of [sshKey("words of somebody"), sshKey("words of somebody", "-m", "PEM"), String(pkcs8)])
    expect(isOpenPrivateKey(key)).toBe(false);
});

it.each([
  "",
  "words",
  "-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----",
  "ssh-ed25519 AAAA me",
])("refuses what is no private key: %j", (text) => expect(isOpenPrivateKey(text)).toBe(false));
