// npm run ci:deploy -- --stack STACK [--yes-dns]: deploys a stack without asking, then proves that nothing is left to do. Exits with 1 when
// either fails, and says what to do next.
import { pendingAdoption } from "../adopt/hand-over";
import { takeYesDns } from "../lib/arguments";
import { keepSettings } from "../lib/backup/kept-settings";
import { resume } from "../lib/interrupted";
import { untilItAnswers } from "../lib/door";
import { refuseDrift, setBack } from "../lib/drift/drift";
import { linkToLog, writeSummary } from "../lib/job-report";
import { marked } from "../lib/leftovers";
import { noticesOf } from "../lib/notices";
import { pipelineStack, pulumi } from "../lib/pipeline";
import { settingsOf } from "../lib/settings-of";
import type { Stack } from "../lib/stack";
import { learnSecrets } from "../lib/stack-secrets";
import { main, OperatorError, say } from "../lib/steps";
import { refuseOtherService } from "../lib/unknown-service";

main(async (args) => {
  const stack = await pipelineStack(takeYesDns(args));
  await learnSecrets(stack);
  if ((await pendingAdoption(stack)) !== undefined)
    throw new OperatorError(
      `stack ${stack.name}: must have taken over the workspace that was started by hand (it has not); run npm run up -- --stack ${stack.name} once from a terminal`,
    );
  await resume(stack);
  const known = await refuseOtherService(stack);
  const back = known && (await setBack(stack, known, () => Promise.resolve(true)));
  const up = await pulumi({ ...stack, env: marked(stack) }, "up", "--yes", "--skip-preview");
  await learnSecrets(stack); // what it has generated
  if (up.status === 0) {
    const settings = await settingsOf(stack);
    await keepSettings(stack, settings);
    for (const notice of await noticesOf(stack, settings)) say(notice);
  }
  const unwell = up.status === 0 ? await faultsOf(stack, back?.found === true) : undefined;
  if (unwell !== undefined) say(unwell);
  const proof = up.status === 0 ? await pulumi(stack, "preview", "--diff", "--expect-no-changes") : undefined;

  const next =
    up.status !== 0
      ? "The deployment stopped: what was done until then stands. Mend what the output says, then run the job again; it goes " +
        `on from there. If the output says that the stack is locked and no other deployment runs: npm run pulumi -- --stack ${stack.name} cancel`
      : unwell !== undefined
        ? `The deployment went through, yet the service is not as it should be: ${unwell}`
        : proof?.status !== 0
          ? "The deployment went through, yet a preview still finds something to do, or failed: see the end of the output. Run the job " +
            "again; if the same changes come back, somebody changes the host by other means, or the program has a defect"
          : undefined;
  writeSummary(
    {
      title: `Deployment of \`${stack.name}\``,
      outcome: `${next === undefined ? "Done, and a preview finds nothing left to do" : `**Failed.** ${next}`} (${linkToLog(process.env)}).`,
      text: `${up.text}\n${proof?.text ?? ""}`,
    },
    process.env,
  );
  if (next === undefined) return 0;
  say(`\n${next}`);
  return 1;
});

/** What is not so that should be, after a deployment that succeeded. */
async function faultsOf(stack: Stack, wasOtherwise: boolean): Promise<string | undefined> {
  try {
    const settings = await settingsOf(stack);
    await untilItAnswers(stack, settings);
    if (wasOtherwise) await refuseDrift(stack, settings);
    return undefined;
  } catch (error) {
    if (error instanceof OperatorError) return error.message;
    throw error;
  }
}
