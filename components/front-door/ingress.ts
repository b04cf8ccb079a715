import type * as pulumi from "@pulumi/pulumi";
import type { ByteSize } from "../../settings/units";

/** What the front door needs to know of an application; one description, whatever renders it. */
export interface Route {
  /** Name of the route's parts in the front door's configuration, unique on it. */
  name: string;
  hostname: string;
  /** Alias of the server on the front door's network. It changes with the server's generation. */
  server: pulumi.Input<string>;
  port: number;
  /** The largest file that goes in. */
  maxUpload: ByteSize;
}

/** A front door as its applications see it. */
export interface Ingress {
  /** Network on which it reaches its applications. */
  network: pulumi.Output<string>;
  /** Name on that network under which it answers for every host name. */
  address: string;
  /** Its port for HTTPS on that network. */
  httpsPort: number;
  /** Done when it runs; empty where others run it. */
  ready: pulumi.Resource[];
  /** Leads a route's requests to its server. Those in flight go on with the old server. */
  publish(name: string, route: Route, opts: PublishOptions): Publication;
}

export interface PublishOptions {
  parent: pulumi.Resource;
  /** What the server needs before it may take the old one's place. */
  after: pulumi.Resource[];
}

/** What publishing a route asks of the server's container. */
export interface Publication {
  /** When these are done the old server may be stopped. */
  ready: pulumi.Resource[];
  /** Aliases on the front door's network. */
  aliases: pulumi.Input<string>[];
  labels: Record<string, string>;
}
