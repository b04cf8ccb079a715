import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../ops/workspace/provider";
import { WorkspaceCollection } from "./workspace-collection";

export interface WorkspaceArgs {
  connection: Connection;
  /** Rocket.Chat's settings by their ids: those that count at once, without a restart. */
  settings: Record<string, pulumi.Input<string | number | boolean>>;
  channels: Record<string, object>;
  /** What must be done before: Rocket.Chat answers. */
  after: pulumi.Resource[];
}

/**
 * What lives in Rocket.Chat's database and belongs in code.
 *
 * Owns      what it names, in the workspace. What it does not name is the administrators'.
 * Borrows   the administrator's account: it makes itself a personal access token there, which the host keeps.
 * Promises  nothing is written that is so already; taken down, it leaves everything as it is.
 */
export class Workspace extends pulumi.ComponentResource {
  constructor(name: string, args: WorkspaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("rocketchat:infra:Workspace", name, {}, opts);
    const { connection } = args;
    const collection = (kind: string, items: Record<string, pulumi.Input<unknown>>) =>
      new WorkspaceCollection(
        `${name}-${kind}`,
        { kind, connection, items },
        { parent: this, dependsOn: args.after },
      );

    collection("settings", args.settings);
    collection("channels", args.channels);
    this.registerOutputs({});
  }
}
