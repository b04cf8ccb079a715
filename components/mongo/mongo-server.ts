import type * as pulumi from "@pulumi/pulumi";
import type { Engine, Image } from "../host/engine";
import type { MongoShell } from "../host/host-step";

/** How to reach a replica set and act on it as its administrator. */
export interface MongoServer {
  engine: Engine;
  /** MongoDB's image: it has mongosh and the tools that dump. */
  image: Image;
  /** Where mongosh runs. */
  shell: MongoShell;
  /** The set as that mongosh reaches it: what follows `mongodb://`. */
  address: string;
  /** A member as applications reach it. */
  hostname: string;
  replicaSet: string;
  /** Network of the set's clients. */
  network: pulumi.Input<string>;
  administrator: { user: string; password: pulumi.Output<string> };
  /** This stack runs the set: what nobody has marked as his own there is the stack's. */
  own: boolean;
  /** Done when the set has a primary and takes users. */
  ready: pulumi.Resource;
}
