import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { helperCall, helperPlace } from "../../engine/script-call";
import type { Resources } from "../../settings/schema";
import { Duration } from "../../settings/units";
import type { CertificateAuthority, Application } from "./certificate-authority";
import type { Engine, Image } from "../host/engine";
import { helperStep, scriptHash } from "../host/host-step";
import { Service } from "../host/service";
import { type Mount, Storage } from "../host/storage";

export interface TestCaArgs {
  /** Where it is made. */
  engine: Engine;
  /** What its container is made of. */
  image: Image;
  /** What the container is called on the engine, and in its networks. */
  containerName: string;
  /** Host name that certificates are asked for. */
  hostname: string;
  /** E-mail address of the account that Traefik opens. Undefined: it has none. */
  email: string | undefined;
  /** Network of the front door. */
  network: pulumi.Input<string>;
  /** Host directory for its own files. */
  directory: string;
  /** Directory of the front door's certificates; the root is kept there. */
  acme: Mount;
  /** TCP port on which it asks for the `http` proof of a name. */
  httpPort: number;
  /** TCP port on which it asks for the `tls` proof of a name. */
  httpsPort: number;
  /** What its container may use at most: memory, CPUs, processes. */
  resources: Resources;
}

/** The uid that Pebble runs as; its image has no user of its own. */
export const testCaUid = 65532;

/**
 * Pebble, an ACME server for tests and for a stack on one's own machine. Nobody trusts what it issues: it makes a new root
 * at every start and forgets its accounts, so certificates are kept under the host name they are for, and the root that
 * issued the present one is kept beside them.
 *
 * Owns      the container, the certificate it serves its directory with, `test-ca-root.pem` beside the front door's certificates.
 * Borrows   the front door's directory for certificates.
 * Promises  after `keepRoot`, whoever trusts `test-ca-root.pem` trusts the site.
 */
export class TestCa extends pulumi.ComponentResource implements CertificateAuthority {
  readonly server: string;
  readonly email: string | undefined;
  readonly caFile: string;
  readonly storage: string;
  readonly ready: pulumi.Resource[];

  constructor(
    private readonly name: string,
    private readonly args: TestCaArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("rocketchat:infra:TestCa", name, {}, opts);
    const { directory } = args;
    const storage = new Storage(`${name}-storage`, { engine: args.engine }, { parent: this });
    const made = storage.directory("files", { path: directory, owner: { uid: testCaUid } }).ready;
    this.server = `https://${args.containerName}:14000/dir`;
    this.email = args.email;
    this.caFile = `${directory}/cert.pem`;
    this.storage = `acme-${args.hostname}.json`;

    const certificate = this.certificateStep(made);
    const config = helperStep(
      `${name}-config`,
      {
        engine: args.engine,
        script: "scripts/host/write-file.sh",
        mount: directory,
        environment: { FILE: `${directory}/pebble.json`, MODE: "0444" },
        owner: { uid: testCaUid },
        stdin: JSON.stringify(pebbleConfig(args.httpPort, args.httpsPort), null, 2),
      },
      { parent: this, dependsOn: [made] },
    );

    const service = new Service(
      name,
      {
        engine: args.engine,
        containerName: args.containerName,
        image: args.image,
        user: `${testCaUid}:${testCaUid}`,
        command: ["-config", "/test-ca/pebble.json"],
        environment: ["PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0"],
        networks: [{ name: args.network, aliases: [] }],
        mounts: [{ hostPath: directory, containerPath: "/test-ca", readOnly: true }],
        readOnly: true,
        resources: args.resources,
        stopGrace: Duration.seconds(5),
        after: [certificate, config],
      },
      { parent: this },
    );
    this.ready = [service.container];
    this.registerOutputs({});
  }

  keepRoot(application: Application): void {
    new command.local.Command(
      `${this.name}-root`,
      {
        create: "sh scripts/test-ca/keep-root.sh",
        environment: {
          DOCKER_HOST: this.args.engine.host,
          ...helperPlace({ image: this.args.engine.helper.name, mount: this.args.acme.hostPath }),
          ROOT_FILE: `${this.args.acme.hostPath}/test-ca-root.pem`,
          TEST_CA: this.args.containerName,
          CONTAINER: application.containerName,
          SITE_ADDRESS: application.ingress.address,
          SITE_PORT: String(application.ingress.httpsPort),
          SITE_HOSTNAME: application.hostname,
          SCRIPT_SHA256: scriptHash(
            "scripts/host/helper.sh",
            "scripts/test-ca/keep-root.sh",
            "scripts/test-ca/root.js",
          ),
        },
        addPreviousOutputInEnv: false,
      },
      { parent: this, dependsOn: [application.ready] },
    );
  }

  /** The certificate of Pebble's own HTTPS: made on the operator's machine, kept on the host from then on. */
  private certificateStep(made: pulumi.Resource): pulumi.Resource {
    const { engine, directory, containerName } = this.args;
    const { args, variables } = helperCall(
      "scripts/test-ca/keep-certificate.sh",
      { image: engine.helper.name, mount: directory },
      { DIRECTORY: directory },
      { owner: { uid: testCaUid } },
    );
    return new command.local.Command(
      `${this.name}-certificate`,
      {
        create: `node scripts/test-ca/certificate.mjs | sh ${args.join(" ")}`,
        environment: {
          ...variables,
          DOCKER_HOST: engine.host,
          CERTIFICATE_NAME: containerName,
          SCRIPT_SHA256: scriptHash(
            "scripts/host/helper.sh",
            "scripts/test-ca/certificate.mjs",
            "scripts/test-ca/keep-certificate.sh",
          ),
        },
        addPreviousOutputInEnv: false,
      },
      { parent: this, dependsOn: [made] },
    );
  }
}

function pebbleConfig(httpPort: number, httpsPort: number) {
  return {
    pebble: {
      listenAddress: "0.0.0.0:14000",
      managementListenAddress: "0.0.0.0:15000",
      certificate: "/test-ca/cert.pem",
      privateKey: "/test-ca/key.pem",
      httpPort,
      tlsPort: httpsPort,
      ocspResponderURL: "",
      externalAccountBindingRequired: false,
    },
  };
}
