/** A throw-away Pulumi project on the CLI and plugins of lab/toolchain; what it deploys is given as data. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = resolve(__dirname, "../..");
const oneProcessLimit = { maxBuffer: 64 << 20 };

/** What marks an unknown value in `pulumi preview --json`. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export interface Spec {
  /** The SDK and class, such as `command.local.Command`. */
  readonly type: "command.local.Command" | "random.RandomPassword";
  /** A value may be `{ secret: TEXT }`, or `{ output: [NAME, OUTPUT] }` of a resource declared before. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly opts?: Readonly<Record<string, unknown>>;
}

/** A resource as an exported state holds it; secrets are objects with a `ciphertext`. */
export interface StateResource {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** What a preview plans for one resource. */
export interface Step {
  readonly op: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface Finished {
  readonly ok: boolean;
  /** Standard output, and standard error after it. */
  readonly text: string;
}

const program = `
const pulumi = require("@pulumi/pulumi");
const sdks = { command: require("@pulumi/command"), random: require("@pulumi/random") };
const made = {};
for (const [name, { type, args, opts }] of Object.entries(require("./resources.json"))) {
  const [sdk, ...path] = type.split(".");
  const Resource = path.reduce((scope, part) => scope[part], sdks[sdk]);
  made[name] = new Resource(name, live(args), opts);
}
function live(value) {
  if (Array.isArray(value)) return value.map(live);
  if (typeof value !== "object" || value === null) return value;
  if (value.secret) return pulumi.secret(value.secret);
  if (value.output) return pulumi.unsecret(made[value.output[0]][value.output[1]]);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, live(inner)]));
}
`;

/** The directory that `lab/toolchain/build.sh` prints; builds what is missing. */
export async function toolchain(): Promise<string> {
  const { stdout } = await run("bash", [join(root, "lab/toolchain/build.sh")], oneProcessLimit);
  return stdout.trim();
}

export class PluginProject {
  readonly directory = mkdtempSync(join(tmpdir(), "rocketchat-plugins-"));
  private readonly env: NodeJS.ProcessEnv;

  private constructor(tools: string) {
    this.write(
      "Pulumi.yaml",
      "name: plugins\nmain: index.js\nruntime: {name: nodejs, options: {typescript: false}}\n",
    );
    this.write("package.json", "{}");
    this.write("index.js", program);
    this.write("passphrase", "a passphrase of this test");
    symlinkSync(join(root, "node_modules"), join(this.directory, "node_modules"));
    this.env = {
      ...process.env,
      PATH: `${tools}/bin:${process.env["PATH"]}`,
      PULUMI_HOME: `${tools}/home`,
      PULUMI_BACKEND_URL: `file://${this.directory}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: join(this.directory, "passphrase"),
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
  }

  /** A project with an empty stack. */
  static async create(): Promise<PluginProject> {
    const project = new PluginProject(await toolchain());
    await project.pulumi("stack", "init", "test");
    return project;
  }

  declare(specs: Readonly<Record<string, Spec>>): void {
    this.write("resources.json", JSON.stringify(specs));
  }

  /** Runs the CLI to its end. @throws with its output when it fails */
  async pulumi(...args: string[]): Promise<string> {
    const { stdout } = await run("pulumi", [...args, "--non-interactive"], {
      cwd: this.directory,
      env: this.env,
      ...oneProcessLimit,
    });
    return stdout;
  }

  /** Runs the CLI and answers how it ended. */
  async attempt(...args: string[]): Promise<Finished> {
    try {
      return { ok: true, text: await this.pulumi(...args) };
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return { ok: false, text: `${stdout}\n${stderr}` };
    }
  }

  up(): Promise<string> {
    return this.pulumi("up", "--yes", "--skip-preview");
  }

  /** What a preview plans for every resource that does not stay as it is, by logical name. */
  async plan(): Promise<Readonly<Record<string, Step>>> {
    interface Digest {
      steps: { op: string; urn: string; newState?: { inputs?: Record<string, unknown> } }[];
    }
    const digest = JSON.parse(await this.pulumi("preview", "--json")) as Digest;
    return Object.fromEntries(
      digest.steps
        .filter(({ op, urn }) => op !== "same" && !urn.includes("pulumi:pulumi:Stack"))
        .map(({ op, urn, newState }) => [logicalName(urn), { op, inputs: newState?.inputs ?? {} }]),
    );
  }

  /** The state of one resource, as exported without secrets shown. */
  async state(name: string): Promise<StateResource> {
    interface Export {
      deployment: { resources: (StateResource & { urn: string })[] };
    }
    const { deployment } = JSON.parse(await this.pulumi("stack", "export")) as Export;
    const found = deployment.resources.find((resource) => logicalName(resource.urn) === name);
    if (!found) throw new Error(`${name}: is not in the state`);
    return found;
  }

  /** Outputs of one resource, secrets shown. */
  async outputs(name: string): Promise<Readonly<Record<string, unknown>>> {
    interface Export {
      deployment: { resources: { urn: string; outputs?: Record<string, unknown> }[] };
    }
    const { deployment } = JSON.parse(await this.pulumi("stack", "export", "--show-secrets")) as Export;
    const outputs = deployment.resources.find((r) => logicalName(r.urn) === name)?.outputs ?? {};
    return Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, revealed(value)]));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text, { mode: 0o600 });
  }
}

function logicalName(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

function revealed(value: unknown): unknown {
  const plaintext = (value as { plaintext?: string } | null)?.plaintext;
  return plaintext === undefined ? value : (JSON.parse(plaintext) as unknown);
}
