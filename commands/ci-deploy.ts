// npm run ci:deploy -- --stack STACK [--yes-dns]: deploys a stack without asking, then proves that nothing is left to do. Exits with 1 when
// either fails, and says what to do next.
import { commandFor } from "../settings/command";
import { pendingAdoption } from "./adopt/hand-over";
import { takesYesDns } from "./up/yes-dns";
import { given } from "./stack/arguments";
import { deploy } from "./up/deploy";
import { linkToLog, writeSummary } from "./pipeline/job-report";
import { pipelineStack } from "./pipeline/pipeline";
import type { Stack } from "./stack/stack";
import { learnSecrets } from "./stack/stack-secrets";
import { faultOf, main, OperatorError, say } from "../terminal/steps";
import { pulumi, type Transcript } from "./stack/transcript";

main(async (args) => {
  const { stack: name, options } = given("ci-deploy", args);
  if (options["yes-dns"]) takesYesDns();
  const stack = await pipelineStack(name);
  await learnSecrets(stack);
  const { up, fault } = await deployed(stack);
  const proof =
    up?.status === 0 ? await pulumi(stack, "preview", "--diff", "--expect-no-changes") : undefined;

  const next =
    up === undefined
      ? `Nothing was deployed: ${fault}`
      : up.status !== 0
        ? "The deployment stopped: what was done until then stands. Mend what the output says, then run the job again; it goes " +
          `on from there. If the output says that the stack is locked and no other deployment runs: ${commandFor(stack.name, "pulumi", "cancel")}`
        : fault !== undefined
          ? `The deployment went through, yet the service is not as it should be: ${fault}`
          : proof?.status !== 0
            ? "The deployment went through, yet a preview still finds something to do, or failed: see the end of the output. Run the job " +
              "again; if the same changes come back, somebody changes the host by other means, or the program has a defect"
            : undefined;
  writeSummary(
    {
      title: `Deployment of \`${stack.name}\``,
      outcome: `${next === undefined ? "Done, and a preview finds nothing left to do" : `**Failed.** ${next}`} (${linkToLog(process.env)}).`,
      text: `${up?.text ?? ""}\n${proof?.text ?? ""}`,
    },
    process.env,
  );
  if (next === undefined) return 0;
  say(`\n${next}`);
  return 1;
});

/** What Pulumi did, where it came to that, and what is not as it should be: a summary is written of both. */
async function deployed(stack: Stack): Promise<{ up?: Transcript; fault?: string }> {
  let up: Transcript | undefined;
  try {
    if ((await pendingAdoption(stack)) !== undefined)
      throw new OperatorError(
        `stack ${stack.name}: must have taken over the workspace that was started by hand (it has not); run ${commandFor(stack.name, "up")} once from a terminal`,
      );
    await deploy(stack, {
      agree: () => Promise.resolve(true),
      up: async (env) => {
        up = await pulumi({ ...stack, env }, "up", "--yes", "--skip-preview");
        await learnSecrets(stack); // what it has generated
        return up.status;
      },
    });
    return { ...(up && { up }) };
  } catch (error) {
    return { ...(up && { up }), fault: faultOf(error) };
  }
}
