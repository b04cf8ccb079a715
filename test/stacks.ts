import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { afterAll } from "vitest";
import { stackConfig } from "./settings-stack-file";

type Config = Record<string, string>;

const prod = stackConfig("prod");
const existingMongo = { mode: "existing", version: "8.0.32", hostname: "store", network: "theirs" };
const existingIngress = { mode: "existing", network: "front", address: "proxy" };
const sftpSecrets = {
  backupSftpKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----",
};

/** Names, settings and secrets: of each way to have a part at least one. To be called once by a file of tests, which clears up after itself. */
export function variedStacks(): [string, Config, Config][] {
  const directory = mkdtempSync(join(tmpdir(), "rocketchat-stacks-"));
  const caFile = join(directory, "ca.pem");
  writeFileSync(caFile, rootCertificates[0]!);
  afterAll(() => rmSync(directory, { recursive: true }));
  return [
    ["prod", prod, {}],
    ["local, with a test CA and a prefix", stackConfig("local"), {}],
    [
      "one with directories, names and ports of its own",
      {
        ...prod,
        prefix: "second-",
        directory: "/srv/chat",
        mongo: JSON.stringify({
          version: "8.0.32",
          hostname: "store",
          directory: "/srv/store",
          dataDirectory: "/data/store",
        }),
        uploads: JSON.stringify({ directory: "/data/files" }),
        ingress: JSON.stringify({
          version: "3.7.15",
          directory: "/srv/front",
          bindIPv6: "::",
          httpPort: 8080,
        }),
      },
      {},
    ],
    [
      "one with backups over sftp",
      {
        ...prod,
        backup: JSON.stringify({
          repository: "sftp://backup@backup.example.org/rocketchat",
          knownHosts: "backup.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA",
        }),
      },
      sftpSecrets,
    ],
    [
      "one with an ACME server of its own",
      {
        ...prod,
        ingress: JSON.stringify({ version: "3.7.15", acme: { server: "https://ca.lan/acme", caFile } }),
      },
      {},
    ],
    [
      "one on servers that others run",
      {
        ...prod,
        mongo: JSON.stringify(existingMongo),
        ingress: JSON.stringify({
          ...existingIngress,
          render: "file",
          dynamicDirectory: "/srv/front/dynamic",
        }),
      },
      { mongoAdminPassword: "theirs" },
    ],
    [
      "one with its route in labels and without backups",
      {
        ...Object.fromEntries(Object.entries(prod).filter(([key]) => key !== "backup")),
        ingress: JSON.stringify({ ...existingIngress, render: "labels" }),
      },
      {},
    ],
  ];
}
