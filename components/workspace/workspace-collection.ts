import * as pulumi from "@pulumi/pulumi";
import type { dynamic } from "@pulumi/pulumi";
import type { Connection, Inputs, Provider, State } from "../../workspace/provider";

export interface CollectionArgs {
  /** The kind of the things: a name in `workspace/kinds`. */
  kind: string;
  /** The way to Rocket.Chat's API, and to the administrator's token on the host. */
  connection: Connection;
  /** What is wanted, by name. Secret values may stand anywhere in it. */
  items: pulumi.Input<Record<string, pulumi.Input<unknown>>>;
  /** Stands for what the items rest on elsewhere: when it is another one, they are looked at again. @default nothing */
  basis?: pulumi.Input<string>;
}

/**
 * What Pulumi asks of a dynamic resource. Pulumi keeps the text of these functions in the state, so they hold nothing but the
 * way to the code: a release that changes the code changes no resource.
 */
export const collectionProvider: Provider & Required<Pick<dynamic.ResourceProvider<Inputs, State>, "diff">> =
  {
    // Here, since a plan without changes needs nothing else of the code, which takes half a second to load.
    diff: (_id, olds, news) => {
      const { isDeepStrictEqual } = process.getBuiltinModule("node:util");
      const changes = !isDeepStrictEqual(
        [olds.items, olds.connection, olds.basis],
        [news.items, news.connection, news.basis],
      );
      return Promise.resolve({ changes });
    },
    create: (inputs) => load().create(inputs),
    read: (id, state) => load().read(id, state),
    update: (id, olds, news) => load().update(id, olds, news),
  };

/** Runs in the plugin's process, which Pulumi starts in the project's directory and which knows JavaScript only. */
function load(): Provider {
  /* eslint-disable @typescript-eslint/no-require-imports -- an import would be captured and kept in the state */
  const { register } = require("tsx/cjs/api") as { register: () => void };
  register();
  return (require(`${process.cwd()}/ops/workspace/provider.ts`) as { provider: Provider }).provider;
  /* eslint-enable @typescript-eslint/no-require-imports */
}

/**
 * Things of one kind that live in Rocket.Chat's database and belong in code, as one resource: a preview shows each change with
 * its old and new value, a refresh finds what was changed by hand.
 *
 * Promises  what is not named is left alone; `destroy` takes nothing out; `answers` are secret.
 */
export class WorkspaceCollection extends pulumi.dynamic.Resource {
  /** What only Rocket.Chat knows, by name, such as the address of a webhook. */
  declare readonly answers: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: CollectionArgs, opts: pulumi.CustomResourceOptions) {
    const type = `${args.kind[0]?.toUpperCase()}${args.kind.slice(1)}`;
    super(
      collectionProvider,
      name,
      { ...args, ids: undefined, answers: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["answers"] }),
      "workspace",
      type,
    );
  }
}
