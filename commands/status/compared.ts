import { commandFor } from "../../settings/command";
import { Docker } from "../../engine/docker";
import { restoreAtHand } from "../../preflight/restoring";
import type { PlainSettings } from "../../settings/schema";
import { driftOf, linesOf, NotCompared } from "../drift/drift";
import type { Difference } from "../drift/difference";
import type { Stack } from "../stack/stack";
import type { Observation } from "./observation";

/** What is on the engine and its host, against what the stack's state says. Changes nothing. */
export async function compared(
  stack: Stack,
  settings: PlainSettings,
): Promise<Pick<Observation, "otherwise" | "notes">> {
  try {
    const drift = await driftOf(stack, settings, { fetchesImage: false });
    if (drift === undefined)
      return {
        otherwise: [],
        notes: ["files and limits: not compared, the state knows nothing of this engine"],
      };
    if (drift.isRestoring) {
      const { what, fix } = await restoreAtHand(settings, new Docker(settings.engine, Date.now() + 15_000));
      return { otherwise: [`data: ${what}; ${fix}`], notes: [] };
    }
    const found = drift.differences.filter((difference) => !isSeenAnyway(difference));
    const notes = found.filter(({ mend }) => mend.kind === "note");
    return {
      otherwise: linesOf(
        found.filter((difference) => !notes.includes(difference)),
        stack,
      ),
      notes: [
        ...linesOf(notes, stack),
        ...(drift.secretsUnread
          ? ["contents of secret files: not compared, the stack's passphrase is not set here"]
          : []),
      ],
    };
  } catch (error) {
    if (!(error instanceof NotCompared)) throw error;
    const fix = `mend what it says; an image that is gone comes back with ${commandFor(stack.name, "up")}`;
    return { otherwise: [`files and limits: could not be compared (${error.reason}); ${fix}`], notes: [] };
  }
}

/** The look at each container tells it, with its reason. */
function isSeenAnyway({ mend, what }: Difference): boolean {
  return what.startsWith("container ") && ["forget", "start", "unpause"].includes(mend.kind);
}
