import type { ExpectedContainer } from "./expected";
import type { ExpectedFile } from "./expected-files";

/** One thing that is not as the state says. */
export interface Difference {
  /** `container rocketchat`, or a path on the host. */
  what: string;
  /** What is so, and what the last deployment left. Never the content of a file. */
  why: string;
  mend: Mend;
}

export type Mend =
  /** It is gone: the state forgets it, and the deployment makes it anew. `leftover` is a container that cannot go on. */
  | { kind: "forget"; urn: string; leftover?: string }
  | { kind: "start" | "unpause" | "restart"; container: string }
  | { kind: "join"; container: ExpectedContainer; network: string; rejoin: boolean }
  | { kind: "limit"; container: string; flags: string[] }
  /** Its steps run once more. `setAside` names what stands there first. */
  | { kind: "write"; file: ExpectedFile; setAside: boolean; owned: boolean }
  /** Not ours to decide. What is noted does no harm. */
  | { kind: "leave" | "note"; advice: string };

/** How it is told. */
export function told({ what, why, mend }: Difference, up: string): string {
  return `${what}: ${why}; ${"advice" in mend ? mend.advice : `${up} ${doing(mend)}`}`;
}

function doing(mend: Exclude<Mend, { advice: string }>): string {
  switch (mend.kind) {
    case "forget":
      return "makes it anew";
    case "start":
    case "unpause":
      return "starts it";
    case "restart":
      return "restarts it";
    case "join":
      return "joins it again";
    case "limit":
      return "sets it back";
    case "write":
      return "puts it back";
  }
}
