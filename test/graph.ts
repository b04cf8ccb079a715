import * as pulumi from "@pulumi/pulumi";

/** One registered resource, as a reviewer would describe it. */
export interface Node {
  type: string;
  name: string;
  /** Logical name of the owning component; undefined when it hangs off the stack itself. */
  parent: string | undefined;
  opts: pulumi.CustomResourceOptions;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- provider inputs share no type
  inputs: Record<string, any>;
}

/** Runs a program against mocks and returns every resource it registered, in registration order. */
export async function graphOf(program: () => unknown): Promise<Node[]> {
  // Pulumi notes a stack trace, as an error without a message, for every promise and resource it makes. Vitest would map each
  // line of them to its source: most of a graph's time, for what nobody reads. A program that throws still tells where.
  const { stackTraceLimit } = Error;
  const mapped = Error.prepareStackTrace; // eslint-disable-line @typescript-eslint/unbound-method -- it knows no `this`
  Error.stackTraceLimit = 1;
  Error.prepareStackTrace = (error, frames): unknown => (error.message === "" ? "" : mapped?.(error, frames));
  try {
    return await registeredBy(program);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = mapped;
  }
}

async function registeredBy(program: () => unknown): Promise<Node[]> {
  const inputs = new Map<string, Node["inputs"]>();
  await pulumi.runtime.setMocks(
    {
      newResource: (r) => {
        const given = r.inputs as Node["inputs"];
        inputs.set(`${r.type}::${r.name}`, given);
        return { id: `${r.name}-id`, state: { name: r.name, ...learnt(r), ...given } };
      },
      call: (c) => {
        throw new Error(`the program called ${c.token}, which this test does not mock`);
      },
    },
    "rocketchat",
    "test",
  );

  const registered: pulumi.ResourceTransformationArgs[] = [];
  await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation((r) => void registered.push(r));
    await program();
    return undefined;
  });
  // A urn resolves only once its resource is registered. A component's own fields can resolve sooner.
  await Promise.all(registered.map((r) => valueOf(r.resource.urn)));
  // Components register their outputs later still, and must not do so under the next test's mocks.
  await pulumi.runtime.disconnect();

  return registered.map((r) => ({
    type: r.type,
    name: r.name,
    parent: (r.opts.parent as unknown as { __name: string } | undefined)?.__name,
    opts: r.opts,
    inputs: inputs.get(`${r.type}::${r.name}`) ?? {},
  }));
}

/** What a provider would answer: a random value that names its resource, a step that answers what it was given. */
function learnt(resource: pulumi.runtime.MockResourceArgs): Record<string, unknown> {
  if (resource.type === "random:index/randomPassword:RandomPassword")
    return { result: `proposed-${resource.name}` };
  if (resource.type === "command:local:Command") return { stdout: `host-${resource.name}`, stderr: "" };
  return {};
}

export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

export function isSecret(output: pulumi.Output<unknown>): Promise<boolean> {
  return pulumi.isSecret(output);
}

/** The node of a type's short name, such as "Container", and a logical name. */
export function find(graph: Node[], type: string, name: string): Node {
  const found = graph.filter((node) => node.type.endsWith(`:${type}`) && node.name === name);
  if (found.length !== 1) throw new Error(`${type} ${name}: ${found.length} in the graph`);
  return found[0]!;
}

const mark = "4dabf18193072939515e22adb298388d"; // Pulumi's wire key for special values

/** Every input the program would send, with values Pulumi has marked secret masked out. */
export function visibleText(graph: Node[]): string {
  return JSON.stringify(
    graph.map((n) => n.inputs),
    (_, v: unknown) => (isMarked(v) ? "[secret]" : v),
  );
}

/** Inputs as the provider gets them, secrets unwrapped. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (_, v: unknown) => (isMarked(v) ? v["value"] : v))) as T;
}

function isMarked(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && mark in value;
}
