import * as pulumi from "@pulumi/pulumi";
import { dataInside, envFile, uploadsInside } from "../../inventory/rocketchat";
import type { Resources } from "../../settings/schema";
import { type ByteSize, Duration } from "../../settings/units";
import type { Engine, Image } from "../host/engine";
import { type EnvEntries, envFingerprint, fingerprintKey, generationOf, renderEnv } from "./env-file";
import { helperStep, nodeStep } from "../host/host-step";
import type { Ingress } from "../front-door/ingress";
import { closedWizard } from "./setup-wizard";
import { Service, type ServiceArgs } from "../host/service";
import type { Mount } from "../host/storage";

export interface RocketChatArgs {
  /** Where it is made. */
  engine: Engine;
  /** Its user owns `.env`. */
  image: Image;
  /** What the container is called on the engine, and in its networks. */
  containerName: string;
  /** The name that people type, such as `chat.example.org`. */
  hostname: string;
  /** Where people open it; `https://HOST[:PORT]`. */
  url: string;
  /** Port it listens on inside its container. */
  port: number;
  /** The largest file that the front door lets in. */
  maxUpload: ByteSize;
  /** What it runs on, apart from what this component adds. */
  environment: EnvEntries;
  /** Host directory that `.env` lies in. */
  directory: string;
  /** Host directory, root's alone, that its secrets lie in. */
  secretsDirectory: string;
  /** Host directories of uploaded files, and of what else it keeps in files. */
  mounts: { uploads: Mount; data: Mount };
  /** Network on which it reaches its database. */
  network: pulumi.Input<string>;
  /** The front door that it is reached through. */
  ingress: Ingress;
  /** What its container may use at most: memory, CPUs, processes. */
  resources: Resources;
  /** How long it may take to stop, before it is killed. */
  stopGrace: Duration;
  /** What must be done before it starts: its user on the database, for instance. */
  after: pulumi.Resource[];
}

/**
 * Variables that the image sets would win over the file, also empty ones, so they are taken away first. Node reads the file
 * itself: its secrets appear neither in `docker inspect` nor in a list of processes.
 */
const startCommand = [
  "env",
  "-u",
  "MONGO_URL",
  "-u",
  "ROOT_URL",
  "-u",
  "PORT",
  "node",
  "--env-file=/app/.env",
  "main.js",
];

/**
 * Answers while the process lives, in every version: 200 also without a database and under load. `/livez`, from 7.11 on, is no
 * liveness: until pull request 39070 it is 503 without MongoDB, and as soon as 1 % of the event loop's turns take 70 ms
 * (`EVENT_LOOP_LAG_MS`), as 12 requests a second make them. A container that is not healthy is one that Traefik's Docker
 * provider drops. Whether Rocket.Chat can serve is the gate's question, and that of `npm run status`.
 */
const livenessPath = "/health";

/**
 * One Rocket.Chat workspace.
 *
 * Owns      `.env`, the key of its fingerprint, the container, its route, the check that it answers through the front door, its one restart after a
 *           first start.
 * Borrows   directories from `Storage`, a user from `MongoDatabase`, the front door.
 * Promises  `url` is handed out only once `/api/info` answers through the front door; a change of image, `.env` or
 *           arguments replaces the container, while new requests are held where the front door can hold them.
 */
export class RocketChat extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;
  readonly containerName: string;
  /** Done when the workspace answers, and leads no administrator to its setup wizard. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: RocketChatArgs, opts?: pulumi.ComponentResourceOptions) {
    super("rocketchat:infra:RocketChat", name, {}, opts);
    this.containerName = args.containerName;

    const environment: EnvEntries = { ...args.environment, PORT: String(args.port), ROOT_URL: args.url };
    const envPath = envFile(args);
    const key = fingerprintKey(`${name}-env-fingerprint`, { parent: this });
    const fingerprint = envFingerprint(key, environment);
    const generation = fingerprint.apply((env) => generationOf(args.image.name, env, startCommand));

    const kept = [this.keepKey(name, args, key), this.writeEnv(name, args, environment, fingerprint)];

    const alias = pulumi.interpolate`${args.containerName}-${generation}`;
    const published = args.ingress.publish(
      `${name}-route`,
      {
        name: args.containerName,
        hostname: args.hostname,
        server: alias,
        port: args.port,
        maxUpload: args.maxUpload,
      },
      {
        parent: this,
        after: [args.image.ready, ...kept, args.mounts.uploads.ready, args.mounts.data.ready],
      },
    );

    const service = new Service(
      name,
      {
        engine: args.engine,
        containerName: args.containerName,
        image: args.image,
        command: startCommand,
        networks: [
          { name: args.network, aliases: [] },
          { name: args.ingress.network, aliases: published.aliases },
        ],
        mounts: [
          { hostPath: args.mounts.uploads.hostPath, containerPath: uploadsInside, readOnly: false },
          { hostPath: args.mounts.data.hostPath, containerPath: dataInside, readOnly: false },
          { hostPath: envPath, containerPath: "/app/.env", readOnly: true },
        ],
        labels: { "rocketchat.env": fingerprint, ...published.labels },
        // The Apps-Engine writes below /app/bundle.
        readOnly: false,
        init: true,
        health: healthCheck(args.port),
        resources: args.resources,
        stopGrace: args.stopGrace,
        after: published.ready,
      },
      { parent: this },
    );

    const gate = {
      GATE_ADDRESS: args.ingress.address,
      GATE_PORT: String(args.ingress.httpsPort),
      GATE_HOSTNAME: args.hostname,
    };
    const answers = nodeStep(
      `${name}-gate`,
      {
        engine: args.engine,
        script: "scripts/rocketchat/gate.js",
        container: args.containerName,
        environment: { ...gate, CONTAINER_ID: service.container.id },
      },
      { parent: this, dependsOn: [...published.ready, ...args.ingress.ready] },
    );
    this.ready = closedWizard(
      `${name}-wizard`,
      { ...args, gate },
      { parent: this, dependsOn: [answers, service] },
    );
    this.url = pulumi.all([args.url, this.ready.urn]).apply(([url]) => url);
    this.registerOutputs({ url: this.url });
  }

  /** The container's label was made with this key: who has lost the state finds it beside the secrets. */
  private keepKey(name: string, args: RocketChatArgs, key: pulumi.Output<string>): pulumi.Resource {
    return helperStep(
      `${name}-env-fingerprint`,
      {
        engine: args.engine,
        script: "scripts/host/write-file.sh",
        mount: args.secretsDirectory,
        environment: { FILE: `${args.secretsDirectory}/env-fingerprint-key`, MODE: "0400" },
        owner: { uid: 0 },
        stdin: key,
      },
      { parent: this, dependsOn: args.after },
    );
  }

  private writeEnv(
    name: string,
    args: RocketChatArgs,
    environment: EnvEntries,
    fingerprint: pulumi.Output<string>,
  ): pulumi.Resource {
    return helperStep(
      `${name}-env`,
      {
        engine: args.engine,
        script: "scripts/host/write-file.sh",
        mount: args.directory,
        environment: { FILE: envFile(args), MODE: "0600", FINGERPRINT: fingerprint },
        owner: { image: args.image },
        stdin: renderEnv(environment),
      },
      { parent: this, dependsOn: args.after },
    );
  }
}

function healthCheck(port: number): NonNullable<ServiceArgs["health"]> {
  return {
    test: ["CMD", "wget", "-q", "--spider", `http://127.0.0.1:${port}${livenessPath}`],
    interval: Duration.seconds(15),
    timeout: Duration.seconds(5),
    retries: 5,
    startPeriod: Duration.minutes(5),
  };
}
