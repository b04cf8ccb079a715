import type { Plan } from "./plan";

/** What the operator reads before anything is done. Holds no secret. */
export function report(plan: Plan, settingsLines: string[]): string {
  return [
    section("What changes, and why", table(plan)),
    section("What people and other programs notice", list(plan.notices)),
    section("What stays", list(plan.kept)),
    section(
      "What is left out, and why nobody misses it",
      plan.dropped.map(({ what, why }) => `  ${what}: ${why}`),
    ),
    section(
      "In the settings file",
      settingsLines.map((line) => `  ${line}`),
    ),
    section("Not understood: nothing is done until each of these is settled", refusals(plan)),
  ]
    .filter((text) => text !== "")
    .join("\n\n");
}

function section(title: string, lines: string[]): string {
  return lines.length === 0 ? "" : [title, ...lines].join("\n");
}

function list(lines: string[]): string[] {
  return [...new Set(lines)].map((line) => `  - ${line}`);
}

function table(plan: Plan): string[] {
  const rows = plan.changes.map(({ what, now, then }) => [what, now, then]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length), 5));
  const line = ([what = "", now = "", then = ""]: string[]) =>
    `  ${what.padEnd(widths[0]!)}  ${now.padEnd(widths[1]!)}  ${then}`;
  if (rows.length === 0) return [];
  return [
    line(["what", "today", "after npm run up"]),
    ...plan.changes.flatMap(({ why }, i) => [line(rows[i]!), `  ${"".padEnd(widths[0]!)}  ${why}`]),
  ];
}

function refusals(plan: Plan): string[] {
  return plan.refusals.flatMap(({ what, why, fix, accept }) => [
    `  ${what}: ${why}`,
    `      ${fix}${accept === undefined ? "" : `; if it may go: --accept ${accept}`}`,
  ]);
}
