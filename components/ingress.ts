import type * as pulumi from "@pulumi/pulumi";

/** What the front door needs to know of an application; one description, whatever renders it. */
export interface Route {
  /** Name of the route's parts in the front door's configuration, unique on it. */
  name: string;
  hostname: string;
  /** Alias of the server on the front door's network. It changes with the server's generation. */
  server: pulumi.Input<string>;
  port: number;
}

/** A front door as its applications see it. */
export interface Ingress {
  /** Network on which it reaches its applications. */
  network: pulumi.Output<string>;
  /** Name on that network under which it answers for every host name. */
  address: string;
  httpsPort: number;
  /** Done when it runs. */
  ready: pulumi.Resource;
  /**
   * Leads a route's requests to its server. New requests are held while the server starts; those in flight go on with the
   * old server, which may be stopped when the result is done.
   */
  publish(
    name: string,
    route: Route,
    opts: { parent: pulumi.Resource; after: pulumi.Resource[] },
  ): pulumi.Resource;
}
