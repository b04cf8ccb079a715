import { commandFor } from "../../settings/command";
import { DockerFailed } from "../../engine/docker";
import { journalOfRestores } from "../../inventory/backup";
import { isRefusal } from "../../settings/problems";
import type { PlainSettings } from "../../settings/schema";
import { exportState, type Exported } from "../state/checkpoint";
import { settingsOf } from "../stack/settings-of";
import type { Stack } from "../stack/stack";
import { OperatorError, say } from "../../terminal/steps";
import { compare } from "./compare";
import { besides } from "./compare-files";
import { type Difference, told } from "./difference";
import { type Expected, expectedBy } from "./expected";
import { type Look, lookFor, patientMs } from "./look";
import { mend, refuseWhileDeployed } from "./mend";

/** What is on an engine and its host, against what the stack's state says. */
export interface Drift {
  expected: Expected;
  /** None while a restore is at work or was interrupted: much is meant to be otherwise then. */
  differences: Difference[];
  isRestoring: boolean;
  /** The contents of secret files could not be compared. */
  secretsUnread: boolean;
}

/** What is there could not be looked at. */
export class NotCompared extends OperatorError {
  constructor(
    stack: Stack,
    /** A line. */
    readonly reason: string,
  ) {
    super(
      `stack ${stack.name}: its engine and host could not be compared with its state (${reason}); mend what it says, then run the command again`,
    );
  }
}

/**
 * One look, about a second. Changes nothing, but that it may fetch the image that it looks through.
 * @returns nothing where there is nothing to compare with: no state, or one of another engine
 * @throws NotCompared where the engine does not answer, or not all.
 */
export async function driftOf(stack: Stack, settings: PlainSettings, look: Look): Promise<Drift | undefined> {
  const { state, secretsUnread } = await readState(stack);
  const expected = expectedBy(state?.deployment.resources ?? []);
  if (expected === undefined || settings.engine !== expected.engine) return undefined;
  const journal = journalOfRestores(settings);
  const paths = [journal, ...expected.files.flatMap(besides)];
  try {
    const seen = await lookFor(expected, stack.name, paths, look);
    const isRestoring = seen.files.get(journal)?.kind === "file";
    const differences = isRestoring ? [] : compare(expected, seen, stack.name);
    return { expected, differences, isRestoring, secretsUnread };
  } catch (error) {
    if (error instanceof DockerFailed) throw new NotCompared(stack, error.reason);
    throw error;
  }
}

async function readState(stack: Stack): Promise<{ state: Exported | undefined; secretsUnread: boolean }> {
  try {
    return { state: await exportState(stack, "plain"), secretsUnread: false };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { state: await exportState(stack), secretsUnread: true };
  }
}

/** Differences as lines for the operator. */
export function linesOf(differences: Difference[], stack: Stack): string[] {
  return differences.map((difference) => told(difference, commandFor(stack.name, "up")));
}

/** Says what is not as the state says, where that can be seen. */
export async function sayDrift(stack: Stack): Promise<void> {
  try {
    const drift = await driftOf(stack, await settingsOf(stack), { fetchesImage: false });
    if (drift !== undefined) sayLines(drift.differences, stack);
  } catch (error) {
    if (error instanceof OperatorError) say(`▸ ${error.message}`);
    else if (!isRefusal(error)) throw error; // a setting that is refused: what follows says why
  }
}

function sayLines(differences: Difference[], stack: Stack): void {
  if (differences.length === 0) return;
  say("▸ the engine and its host are not as the last deployment left them:");
  for (const line of linesOf(differences, stack)) say(`  ${line}`);
}

/** What came of a look before a deployment. */
export interface SetBack {
  goOn: boolean;
  /** Something was otherwise, or could not be compared: `refuseDrift` looks again. */
  found: boolean;
}

/**
 * Before a deployment plans: looks at the engine and its host, and sets back what is not as the state says. The plan that follows
 * then rests on what is there.
 * @param agree Asked before anything is changed.
 * @throws OperatorError with what could not be mended.
 */
export async function setBack(
  stack: Stack,
  settings: PlainSettings,
  agree: () => Promise<boolean>,
): Promise<SetBack> {
  const drift = await driftOf(stack, settings, { fetchesImage: true }).catch((error: unknown) => {
    if (error instanceof NotCompared) return error;
    throw error;
  });
  if (drift instanceof NotCompared) {
    // Preflight says what to do where it keeps the deployment from going on.
    say(`▸ the engine and its host could not be compared with the state (${drift.reason})`);
    return { goOn: true, found: true };
  }
  if (drift === undefined || drift.differences.length === 0) return { goOn: true, found: false };
  sayLines(drift.differences, stack);
  const mendable = drift.differences.filter((difference) => isMendable(difference) && !isLate(difference));
  if (mendable.length === 0) return { goOn: true, found: true };
  if (!(await agree())) return { goOn: false, found: true };
  await refuseWhileDeployed(stack, drift.expected);
  // A deployment that has just ended may have put it right, or made it so.
  const agreed = new Set(linesOf(mendable, stack));
  const now = await driftOf(stack, settings, { fetchesImage: true });
  const left = (now?.differences ?? []).filter((difference) => agreed.has(linesOf([difference], stack)[0]!));
  if (now === undefined || left.length === 0) return { goOn: true, found: true };
  await mend(stack, now.expected, left);
  say(`  set back: ${[...new Set(left.map(({ what }) => what))].join(", ")}`);
  return { goOn: true, found: true };
}

/**
 * After a deployment that began with differences: what can be made only once the service answers is made now.
 * @throws OperatorError with what is still not as the state says.
 */
export async function refuseDrift(stack: Stack, settings: PlainSettings): Promise<void> {
  const look = { fetchesImage: true, withinMs: patientMs };
  const first = await driftOf(stack, settings, look);
  const late = (first?.differences ?? []).filter(isLate);
  if (first !== undefined && late.length > 0) await mend(stack, first.expected, late);
  const last = late.length === 0 ? first : await driftOf(stack, settings, look);
  const left = (last?.differences ?? []).filter(({ mend }) => mend.kind !== "note");
  if (left.length === 0) return;
  throw new OperatorError(
    `${linesOf(left, stack).join("\n")}\nstack ${stack.name}: must be as its state says (got what stands above); mend what it says, then run the command again`,
  );
}

function isMendable({ mend }: Difference): boolean {
  return !("advice" in mend);
}

function isLate({ mend }: Difference): boolean {
  return mend.kind === "write" && mend.file.late === true;
}
