import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

/** An image that the engine has. */
export interface Image {
  /** Exact name, as settings have it. */
  name: string;
  ready: pulumi.Resource;
}

export interface EngineArgs {
  /** `unix:///var/run/docker.sock` or `ssh://user@host[:port]`; ssh follows the operator's own configuration. */
  host: string;
  /** Image whose shell prepares directories and files on the host. */
  helperImage: string;
}

/**
 * The Docker engine that everything runs on, and the only way onto its host.
 *
 * Owns      the provider that every Docker resource of the program uses, and the helper image.
 * Promises  `host` for the docker CLI reaches the same engine as the provider.
 */
export class Engine extends pulumi.ComponentResource {
  readonly host: string;
  readonly provider: docker.Provider;
  readonly helper: Image;

  constructor(name: string, args: EngineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("rocketchat:infra:Engine", name, {}, opts);
    this.host = args.host;
    this.provider = new docker.Provider(name, { host: args.host }, { parent: this });
    this.helper = this.pull("helper", args.helperImage);
    this.registerOutputs({ host: this.host });
  }

  /** An image by its exact name, fetched only when the engine does not have it, and kept when nothing needs it any more. */
  pull(name: string, image: string): Image {
    const ready = new docker.RemoteImage(
      `${name}-image`,
      { name: image, keepLocally: true },
      { parent: this, provider: this.provider },
    );
    return { name: image, ready };
  }
}
