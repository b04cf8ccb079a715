// What every command is for, what it takes and how it is called: read from declared.json, for `--help` and docs/commands.md.
// `node commands/help.mjs` prints docs/commands.md. Needs no package.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** The commands by their files' names. */
export const declared = JSON.parse(readFileSync(join(here, "declared.json"), "utf8"));

/** As package.json calls it: `backup:check` for `backup-check`. */
export const scriptOf = (command) => command.replace("-", ":");

/** `npm run restore -- [OPTIONS] [SNAPSHOT]` */
function usageOf(command, { takes = [], options, withoutStack, handsOn }) {
  const hasOptions = !withoutStack || Object.keys(options).length > 0;
  const more = handsOn === undefined ? [] : ["[MORE]"];
  const all = [...(hasOptions ? ["[OPTIONS]"] : []), ...takes, ...more];
  const script = command === "test" ? "npm test" : `npm run ${scriptOf(command)}`;
  return [script, ...(all.length === 0 ? [] : ["--", ...all])].join(" ");
}

/** Its options as they are written, with what each does. */
function optionsOf({ options, withoutStack, mustNameStack }) {
  const own = Object.entries(options).map(([name, { value, what }]) => [
    `--${name}${value === undefined ? "" : ` ${value}`}`,
    what,
  ]);
  if (withoutStack) return own;
  return [
    ["--stack NAME", mustNameStack ? "the stack; it must be named" : "the stack, by default local"],
    ...own,
  ];
}

const handedOn = ({ handsOn }) =>
  handsOn === undefined ? [] : [`Everything else is handed on to ${handsOn}.`];

export function helpOf(command) {
  const one = declared[command];
  const blocks = [
    [usageOf(command, one)],
    [one.what, ...handedOn(one)],
    columns([...optionsOf(one), ["--help", "says this"]]),
    ["For example:", ...columns(Object.entries(one.examples))],
    [`More: ${one.more}`],
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function columns(rows) {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

export function handbook() {
  const sections = Object.entries(declared).map(([command, one]) => {
    const options = optionsOf(one).map(([option, what]) => `| \`${option}\` | ${what} |`);
    const table = options.length === 0 ? [] : ["| option | what it does |", "| --- | --- |", ...options, ""];
    const examples = Object.entries(one.examples).map(([line, what]) => `${line}  # ${what}`);
    return [
      `## ${scriptOf(command)}`,
      "",
      `\`${usageOf(command, one)}\``,
      "",
      [one.what, ...handedOn(one)].join(" "),
      "",
      ...table,
      "```shell",
      ...examples,
      "```",
      "",
      `More: [${one.more}](${one.more.startsWith("docs/") ? one.more.slice("docs/".length) : `../${one.more}`})`,
      "",
    ].join("\n");
  });
  const start = [
    "# Commands",
    "",
    "Every command says what stands here with `-- --help`. Options come after `--`, which keeps npm from taking them for itself. This file is",
    "made of `commands/declared.json`, which the commands and their launcher read as well: `node commands/help.mjs > docs/commands.md`.",
    "",
  ];
  return `${[...start, ...sections].join("\n").trimEnd()}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(handbook());
