import { createHash, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify(scrypt);

export const sha256 = (text, encoding) => createHash("sha256").update(text).digest(encoding);

/** Passwords are known by the SHA-256 of their text, in hex: clients may send that instead (2FA does). */
export async function hashPassword(digest) {
  const salt = randomBytes(16);
  const key = await derive(digest, salt, 32);
  return `${salt.toString("base64")}:${key.toString("base64")}`;
}

export async function passwordMatches(stored, digest) {
  const [salt, key] = stored.split(":").map((part) => Buffer.from(part, "base64"));
  return timingSafeEqual(key, await derive(digest, salt, 32));
}
