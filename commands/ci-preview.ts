// npm run ci:preview -- --stack STACK: previews a stack, and puts the text into the job summary and into one comment on the
// pull request. Exits with the preview's status, also when the comment cannot be written: the status answers whether the
// change can be deployed, and the log and the summary have its text.
import { type JobReport, linkToLog, renderReport, writeSummary } from "./pipeline/job-report";
import { given } from "./stack/arguments";
import { pipelineStack } from "./pipeline/pipeline";
import { commentLimit, commentMarker, currentPullRequest, putComment } from "./pipeline/pull-request-comment";
import { learnSecrets } from "./stack/stack-secrets";
import { main, say, tell } from "../terminal/steps";
import { pulumi } from "./stack/transcript";

main(async (args) => {
  const stack = await pipelineStack(given("ci-preview", args).stack);
  await learnSecrets(stack);
  const pull = currentPullRequest(process.env);
  const { status, text } = await pulumi(stack, "preview", "--diff");

  const result =
    status === 0 ? "This is what a deployment would do" : `**The preview failed** with exit status ${status}`;
  const report: JobReport = {
    title: `Preview of \`${stack.name}\``,
    outcome: `${result}${pull === undefined ? "" : `, at commit ${pull.commit}`} (${linkToLog(process.env)}).`,
    text,
  };
  writeSummary(report, process.env);
  if (pull === undefined) {
    say("no comment: the job is for no pull request, or has no GITHUB_TOKEN");
    return status;
  }
  const marker = commentMarker(stack.name);
  try {
    await putComment(pull, marker, renderReport(report, commentLimit - marker.length - 1));
  } catch (error) {
    const message = `comment on pull request ${pull.number}: could not be written, so one that is there shows an older preview\n${String(error instanceof Error ? error.message : error)}`;
    say(message);
    // Shows on the page of the run.
    if (process.env["GITHUB_ACTIONS"] === "true")
      tell(`::warning::${message.replaceAll("%", "%25").replaceAll("\n", "%0A")}`);
  }
  return status;
});
