import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expect, it } from "vitest";
import { canQuoteEnvValue, quoteEnvValue, renderEnvFile } from "../settings/dotenv";

const NASTY = [
  "",
  " ",
  " leading and trailing ",
  "My # Site",
  "a#b",
  "$HOME ${HOME} $(id)",
  "it's",
  'say "hi"',
  "back`tick",
  `both ' and "`,
  "both ' and `",
  'both " and `',
  "a\\nb",
  "a\\nb'c",
  "a\\\\b",
  "ends with \\",
  "\\",
  "\\'",
  "export x",
  "export A=1",
  "a=b=c",
  "Zoë 日本 😀",
  "tab\there",
  "'",
  '"',
  "`",
  "two\nlines",
  "a\nB=2\n# c",
  "\n",
  "a\n'b",
  "\u2028",
  "\u001b[0m",
  "'quoted'",
  "a, b; c | d & e",
];

it("gives every value back unchanged through a real node --env-file", () => {
  const entries = Object.fromEntries(NASTY.map((value, i) => [`V${i}`, value]));
  expect(readByNode(renderEnvFile(entries))).toEqual(entries);
});

it("refuses only what Node cannot read in any quotes", () => {
  const refused = ["'`\"", "a\rb", "two\r\nlines", "' ` \\n", "half \ud800 pair"];
  expect(refused.filter(canQuoteEnvValue)).toEqual([]);
  for (const value of refused) expect(() => quoteEnvValue(value)).toThrow(RangeError);
  for (const quote of ["'", "`", '"']) {
    const read = refused.map((value) => parseEnv(`V=${quote}${value}${quote}\n`)["V"]);
    expect(read.filter((value, i) => value === refused[i])).toEqual([]);
  }
  expect(canQuoteEnvValue("zero \0 byte")).toBe(false);
});

it("never shows the value that it refuses", () => {
  expect(() => quoteEnvValue("hunter2'`\"")).toThrow(
    "environment value: must be one that an environment file can hold (got 10 characters that cannot be quoted); leave out carriage returns and one of ', ` and \"",
  );
});

it("takes the first quote that the value does not hold", () => {
  expect(["a", "'", "'`"].map(quoteEnvValue)).toEqual(["'a'", "`'`", '"\'`"']);
});

it("sorts the entries, one a line", () => {
  expect(renderEnvFile({ B: "2", A: "1", "OVERWRITE_SETTING_Accounts_OAuth_Custom-X": "3" })).toBe(
    "A='1'\nB='2'\nOVERWRITE_SETTING_Accounts_OAuth_Custom-X='3'\n",
  );
});

it.each(["", "1A", "A B", "A=B", "A\nB", "É"])("refuses the name %j", (name) => {
  expect(() => renderEnvFile({ [name]: "x" })).toThrow(
    `environment name: must be letters, digits, "_" and "-" (got "${name}"); rename the variable`,
  );
});

/** The variables V0, V1, ... that Node makes of the file. */
function readByNode(text: string): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "settings-dotenv-"));
  try {
    const file = join(folder, "test.env");
    writeFileSync(file, text);
    const print =
      "process.stdout.write(JSON.stringify(Object.entries(process.env).filter(([k]) => /^V[0-9]+$/.test(k))))";
    const answer = execFileSync(process.execPath, [`--env-file=${file}`, "-e", print], {
      env: {},
      encoding: "utf8",
    });
    return Object.fromEntries(JSON.parse(answer) as [string, string][]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
