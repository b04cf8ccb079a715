import { dirname } from "node:path/posix";
import type * as pulumi from "@pulumi/pulumi";
import type { Engine } from "./engine";
import { helperStep } from "./host-step";

export interface HostNoteArgs {
  /** On whose host the file is. */
  engine: Engine;
  /** Absolute path on the host, in a place that no setting moves. */
  file: string;
  /** What the file says, whole. */
  text: string;
}

/** What the host is to remember for the next deployment. `destroy` leaves it. */
export function hostNote(
  name: string,
  { engine, file, text }: HostNoteArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return helperStep(
    name,
    {
      engine,
      script: "scripts/host/write-file.sh",
      mount: dirname(file),
      environment: { FILE: file, MODE: "0644" },
      owner: { uid: 0 },
      stdin: text,
    },
    opts,
  );
}
