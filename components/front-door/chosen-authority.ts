import { readFileSync } from "node:fs";
import type * as pulumi from "@pulumi/pulumi";
import { testCaDirectory, testCaName } from "../../inventory/test-ca";
import type { ManagedIngress } from "../../settings/ingress";
import type { Resources } from "../../settings/schema";
import type { CertificateAuthority } from "./certificate-authority";
import type { Engine } from "../host/engine";
import { helperStep } from "../host/host-step";
import type { Mount } from "../host/storage";
import { TestCa } from "./test-ca";

export interface CertificateAuthorityArgs {
  /** Where it is made. */
  engine: Engine;
  /** Host name that certificates are for. */
  hostname: string;
  /** This stack's front door, as it is set: which authority, and for which names. */
  ingress: ManagedIngress;
  /** Network on which Traefik and a test authority meet. */
  network: pulumi.Input<string>;
  /** Goes before the names of containers and networks; may be empty. */
  prefix: string;
  /** Directory of the front door's certificates. */
  acme: Mount;
  /** Of the authority, where this stack runs it. */
  resources: Resources;
}

/** The authority that the settings name: a public or private ACME server, or Pebble on the front door's own network. */
export function certificateAuthority(name: string, args: CertificateAuthorityArgs): CertificateAuthority {
  const { acme, directory, httpPort, httpsPort } = args.ingress;
  if (acme.server === "test-ca") {
    return new TestCa(name, {
      engine: args.engine,
      image: args.engine.pull(name, acme.testCaImage),
      containerName: testCaName(args),
      hostname: args.hostname,
      email: acme.email,
      network: args.network,
      directory: testCaDirectory({ directory }),
      acme: args.acme,
      httpPort,
      httpsPort,
      resources: args.resources,
    });
  }
  return acmeServer(name, args);
}

function acmeServer(name: string, args: CertificateAuthorityArgs): CertificateAuthority {
  const { acme } = args.ingress;
  const server = { server: acme.server, email: acme.email, storage: "acme.json", keepRoot: () => undefined };
  if (acme.caFile === undefined) return { ...server, caFile: undefined, ready: [] };

  const caFile = `${args.acme.hostPath}/ca.pem`;
  const written = helperStep(
    `${name}-root`,
    {
      engine: args.engine,
      script: "scripts/host/write-file.sh",
      mount: args.acme.hostPath,
      environment: { FILE: caFile, MODE: "0644" },
      owner: { uid: 0 },
      stdin: readFileSync(acme.caFile, "utf8"),
    },
    { dependsOn: [args.acme.ready] },
  );
  return { ...server, caFile, ready: [written] };
}
