const form = /^-----BEGIN ([A-Z ]*)PRIVATE KEY-----\r?\n([\s\S]+)-----END \1PRIVATE KEY-----\s*$/;

/**
 * A private key that opens without a passphrase: OpenSSH's own form (its PROTOCOL.key), whose cipher is `none`, or PEM without a
 * header or a kind that says that it is encrypted.
 */
export function isOpenPrivateKey(text: string): boolean {
  const [, kind = "", body = ""] = form.exec(text) ?? [];
  if (body === "" || kind === "ENCRYPTED " || /^(Proc-Type:.*ENCRYPTED|DEK-Info:)/m.test(body)) return false;
  if (kind !== "OPENSSH ") return true;
  const bytes = Buffer.from(body.replace(/\s/g, ""), "base64");
  const magic = "openssh-key-v1\0";
  // What is no such key for another reason is ssh's to tell: a placeholder of a plan stands here, too.
  if (bytes.toString("latin1", 0, magic.length) !== magic) return true;
  const length = bytes.length >= magic.length + 4 ? bytes.readUInt32BE(magic.length) : 0;
  return bytes.toString("latin1", magic.length + 4, magic.length + 4 + length) === "none";
}
