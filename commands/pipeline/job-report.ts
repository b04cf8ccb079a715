import { appendFileSync } from "node:fs";
import { shown } from "../../terminal/shown";

/** What a job tells its readers, in Markdown. */
export interface JobReport {
  /** A line of Markdown. */
  title: string;
  /** A paragraph of Markdown. */
  outcome: string;
  /** A tool's output, shown as it is. */
  text: string;
}

/** The most characters of a job summary: GitHub takes 1 MiB, and a character may be three bytes. */
const summaryLimit = 300_000;

/** The report in at most `limit` characters, without control characters and known secrets: a text that is too long is cut in the middle, with a line that says so. */
export function renderReport({ title, outcome, text }: JobReport, limit: number): string {
  const plain = shown(text).trim();
  const fence = "`".repeat(Math.max(3, ...(plain.match(/`+/g) ?? []).map((run) => run.length + 1)));
  const [before, after] = [`### ${shown(title)}\n\n${shown(outcome)}\n\n${fence}text\n`, `\n${fence}\n`];
  return before + cutMiddle(plain, limit - before.length - after.length) + after;
}

/**
 * The text in at most `limit` characters. Whole lines are kept of its beginning and of its end, where tools put their
 * errors and totals.
 */
export function cutMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const note = (characters: number) =>
    `\n\n… ${characters} characters are cut here; the whole is in the job's log …\n\n`;
  const half = Math.floor((limit - note(text.length).length) / 2);
  const head = text.slice(0, text.lastIndexOf("\n", half) + 1 || half);
  const rest = text.slice(-half);
  const tail = rest.slice(rest.indexOf("\n") + 1);
  return head.trimEnd() + note(text.length - head.length - tail.length) + tail;
}

/** Adds the report to the summary of the job, when one runs. */
export function writeSummary(report: JobReport, env: NodeJS.ProcessEnv): void {
  const file = env["GITHUB_STEP_SUMMARY"];
  if (file) appendFileSync(file, `${renderReport(report, summaryLimit)}\n`);
}

/** A link to the run, which has the whole output in its log; the word alone outside of a run. */
export function linkToLog(env: NodeJS.ProcessEnv): string {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  return server && repository && run ? `[log](${server}/${repository}/actions/runs/${run})` : "log";
}
