import { createHash } from "node:crypto";
import { filesOf } from "../../engine/bundle";
import type { Recorded } from "../state/checkpoint";
import { recordedScript } from "./recorded-script";
import { reveal } from "./reveal";

/** A file or directory that a step of the program made on the host. */
export interface ExpectedFile {
  path: string;
  kind: "directory" | "file";
  /** Of the content, without line ends at its end where it is a secret; undefined where it is not known. */
  sha256?: string | undefined;
  /** As `chmod` takes it, without a leading zero. */
  mode?: string | undefined;
  owner?: Owner | undefined;
  /** What puts it right, in this order. */
  steps: RecordedStep[];
  /** A generated secret: its step answers what the host has, so the state's answer goes there first. */
  secret?: KeptSecret;
  /** Made once the service answers. */
  late?: boolean;
}

/** `uid:gid`, or whom an image's user is. */
export type Owner = string | { image: string; user?: string | undefined };

/** A step as the state has it. */
export interface RecordedStep {
  /** What the shell runs. */
  create: string;
  environment: Record<string, string>;
  stdin?: string | undefined;
  /** Its standard input could not be decrypted, so that it cannot be run again. */
  isUnread?: boolean;
}

export interface KeptSecret {
  /** Undefined where the state could not be decrypted. */
  value?: string | undefined;
  generation: number;
}

type Reader = (step: RecordedStep, answer: string | undefined) => ExpectedFile[];

/** What each script leaves on the host. */
const readers: Record<string, Reader> = {
  "scripts/host/write-file.sh": (step) => [
    {
      ...file(step, step.environment["FILE"]),
      sha256: step.stdin === undefined ? undefined : sha256(step.stdin),
      mode: octal(step.environment["MODE"]),
      owner: ownerOf(step),
    },
  ],
  "scripts/host/directory.sh": (step) => [
    {
      path: step.environment["DIRECTORY"] ?? "",
      kind: "directory",
      steps: [step],
      mode: octal(step.environment["MODE"]),
      owner: ownerOf(step),
    },
  ],
  "scripts/host/unpack.sh": (step) => bundled(step),
  "scripts/host/keep-secret.sh": (step, answer) => {
    const { DIRECTORY = "", NAME = "", GENERATION = "1" } = step.environment;
    return [
      { path: DIRECTORY, kind: "directory", mode: "700", owner: "0:0", steps: [keepAgain(step, answer)] },
      {
        ...file(keepAgain(step, answer), `${DIRECTORY}/${NAME}`),
        sha256: answer === undefined ? undefined : sha256(answer.trimEnd()),
        mode: "400",
        owner: "0:0",
        secret: { value: answer, generation: Number(GENERATION) },
      },
    ];
  },
  // It changes nothing where both are there.
  "scripts/test-ca/keep-certificate.sh": (step) =>
    ["cert.pem", "key.pem"].map((name) => file(step, `${step.environment["DIRECTORY"]}/${name}`)),
  "scripts/test-ca/keep-root.sh": (step) => [{ ...file(step, step.environment["ROOT_FILE"]), late: true }],
  "scripts/host/copy-program.sh": (step) => {
    const { DIRECTORY = "", PROGRAM = "" } = step.environment;
    return [{ ...file(step, `${DIRECTORY}/${PROGRAM.split("/").at(-1)}`), mode: "755" }];
  },
};

const ownFile = "scripts/host/own-file.sh";

/** What the steps of a state left on the host, each path once. */
export function expectedFiles(resources: Recorded[]): ExpectedFile[] {
  const files = new Map<string, ExpectedFile>();
  for (const { type, inputs, outputs } of resources) {
    if (type !== "command:local:Command") continue;
    const { create, environment = {}, stdin } = reveal(inputs) as Partial<RecordedStep>;
    if (create === undefined) continue;
    const isUnread = stdin === undefined && inputs?.["stdin"] !== undefined;
    const step: RecordedStep = { create, environment, stdin, ...(isUnread && { isUnread }) };
    const script = recordedScript(create);
    const answer = (reveal(outputs) as { stdout?: string } | undefined)?.stdout;
    for (const found of readers[script]?.(step, answer) ?? [])
      if (!files.has(found.path)) files.set(found.path, found);
    if (script === ownFile) giveAway(files, step);
  }
  return [...files.values()];
}

/** A later step gave a file to somebody else. */
function giveAway(files: Map<string, ExpectedFile>, step: RecordedStep): void {
  const path = step.environment["FILE"] ?? "";
  const known = files.get(path);
  if (known === undefined) return;
  const [mode, owner] = [octal(step.environment["MODE"]), ownerOf(step)];
  files.set(path, { ...known, mode, owner, steps: [...known.steps, step] });
}

function file(step: RecordedStep, path = ""): ExpectedFile {
  return { path, kind: "file", steps: [step] };
}

/** The step that keeps a secret, with what it answered last for what it proposed first. */
function keepAgain(step: RecordedStep, answer: string | undefined): RecordedStep {
  return { ...step, stdin: answer, ...(answer === undefined && { isUnread: true }) };
}

function bundled(step: RecordedStep): ExpectedFile[] {
  const { DIRECTORY = "", NAMES = "" } = step.environment;
  const files = filesOf(step.stdin ?? "", step.environment);
  return NAMES.split(" ").map((name) => {
    const text = files.get(name);
    return {
      ...file(step, `${DIRECTORY}/${name}`),
      sha256: text === undefined ? undefined : sha256(text),
      owner: "0:0",
      mode: "644",
    };
  });
}

function ownerOf({ environment }: RecordedStep): Owner | undefined {
  const { OWNER, OWNER_IMAGE, OWNER_USER } = environment;
  return OWNER_IMAGE === undefined ? OWNER : { image: OWNER_IMAGE, user: OWNER_USER };
}

function octal(mode: string | undefined): string | undefined {
  return mode?.replace(/^0+/, "");
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
