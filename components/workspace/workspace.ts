import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { connectionOf } from "../../workspace/connection";
import type { Connection } from "../../workspace/provider";
import type { Settings } from "../../settings/schema";
import type { ObjectSettings } from "../../settings/workspace/objects";
import { signInCallbacks } from "../../settings/workspace/sign-in";
import { apiSettings } from "./api-settings";
import { channelsOf, meetingsOf } from "./jitsi-link";
import { activeBots, type BotToken, botTokenOf, secretEntries } from "./workspace-answers";
import { WorkspaceCollection } from "./workspace-collection";

export interface WorkspaceArgs {
  /** The way to Rocket.Chat's API, and to the administrator's token on the host. */
  connection: Connection;
  /** Which generated password of the administrator counts; the first one is there from the start. */
  passwordGeneration: number;
  /**
   * The administrator's password as the host has it, or the one that waits to be it. Only its digest is kept: with another one the
   * administrator is looked at again.
   */
  passwordBasis: pulumi.Output<string>;
  /** Rocket.Chat's settings by their ids: those that count at once, without a restart. */
  settings: Record<string, pulumi.Input<string | number | boolean>>;
  /** Channels by name, as they are set. */
  channels: Record<string, object>;
  /** Roles, permissions, bots and webhooks, as they are set. */
  objects: ObjectSettings;
  /** Where people open the workspace: `https://HOST[:PORT]`. */
  url: string;
  /** The way to a meeting. @default none */
  meetings?: Record<string, pulumi.Input<unknown>>;
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
  /** Addresses of the incoming webhooks, by name; secret. */
  readonly webhooks: pulumi.Output<Record<string, string>>;
  /** By name, what each outgoing webhook sends so that its receiver knows it; secret. */
  readonly outgoingWebhookTokens: pulumi.Output<Record<string, string>>;
  /** Personal access tokens of the bots, by user name; secret. */
  readonly botTokens: pulumi.Output<Record<string, BotToken>>;
  /** How users get to a meeting, in words; undefined when they do not. */
  readonly meetings: pulumi.Output<string | undefined>;

  constructor(name: string, args: WorkspaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("rocketchat:infra:Workspace", name, {}, opts);
    const { connection } = args;
    const collection = (
      kind: string,
      items: Record<string, pulumi.Input<unknown>>,
      after: pulumi.Resource[] = [],
      rest: { basis?: pulumi.Output<string> } = {},
    ) =>
      new WorkspaceCollection(
        `${name}-${kind}`,
        { kind, connection, items, ...rest },
        { parent: this, dependsOn: [...args.after, ...after] },
      );

    const password = { generation: args.passwordGeneration };
    collection("administrator", { password }, [], { basis: args.passwordBasis.apply(digestOf) });
    collection("fingerprint", { deployment: { accepted: true } });
    collection("settings", args.settings);
    const channels = collection("channels", args.channels);
    const { objects } = args;
    const permissions = collection("permissions", objects.permissions);
    collection("roles", objects.roles);
    const bots = collection("bots", activeBots(objects.bots), [channels, permissions]);
    const incoming = collection("incomingWebhooks", objects.incomingWebhooks, [channels, bots]);
    const outgoing = collection("outgoingWebhooks", objects.outgoingWebhooks, [channels, bots]);

    this.webhooks = secretEntries(incoming.answers, (path) => `${args.url}${path}`);
    this.outgoingWebhookTokens = secretEntries(outgoing.answers, (token) => token);
    this.botTokens = secretEntries(bots.answers, botTokenOf);
    const meetings = collection("meetings", args.meetings ?? {});
    this.meetings = pulumi
      .unsecret(secretEntries(meetings.answers, (way) => way))
      .apply((ways) => ways["jitsi"]);
    this.registerOutputs({});
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

interface DescribedWorkspaceArgs {
  /** Those of the whole stack. */
  settings: Settings;
  /** The administrator's password, as the host keeps it. */
  adminPassword: pulumi.Output<string>;
  /** What must be done before: Rocket.Chat answers. */
  after: pulumi.Resource[];
}

/** The workspace that the settings describe, with what the stack tells of it. */
export function describedWorkspace(name: string, { settings, adminPassword, after }: DescribedWorkspaceArgs) {
  const workspace = new Workspace(name, {
    connection: connectionOf(settings),
    passwordGeneration: settings.admin.passwordGeneration,
    passwordBasis: adminPassword,
    settings: apiSettings(settings),
    channels: channelsOf(settings),
    meetings: meetingsOf(settings),
    objects: settings.workspace,
    url: settings.url,
    after,
  });
  const { webhooks, outgoingWebhookTokens, botTokens, meetings } = workspace;
  const callbacks = signInCallbacks(settings.url, settings.workspace.signIn);
  const outputs = { webhooks, outgoingWebhookTokens, botTokens };
  return {
    parts: [workspace],
    // Pulumi warns of an output without a value.
    outputs: {
      ...(callbacks !== undefined && { callbacks }),
      ...outputs,
      ...(settings.jitsi !== undefined && { meetings }),
    },
  };
}
