// npm run restore: lists the snapshots of a stack. npm run restore -- SNAPSHOT puts one back into the running stack; `latest` is the
// newest. Killed anywhere, npm run restore -- --resume brings back either the old data or the new, whole. See docs/restore.md.
import { given } from "./stack/arguments";
import { withOperator } from "../terminal/operator";
import { main, OperatorError } from "../terminal/steps";
import { siteOf } from "./restore/command";
import { prepareEmptyHost } from "./restore/empty-host";
import { resume } from "./restore/finish";
import { list } from "./restore/list";
import { restoreOne } from "./restore/one-file";
import { restore } from "./restore/restore";
import { everyPart, type Part } from "./restore/site";

main(async (args) => {
  const { stack: name, options, words } = given("restore", args);
  const [snapshot] = words;
  if (snapshot !== undefined && (options.resume || options.undo))
    throw new OperatorError(
      `npm run restore: takes no snapshot with --resume or --undo (got ${snapshot}); leave it out, the journal names it`,
    );
  const site = await siteOf(name, options["empty-host"]);
  if (options["empty-host"]) {
    if (options["password-file"] === undefined)
      throw new OperatorError(
        "--empty-host: needs the repository's password (got none); name the file that holds it: --password-file FILE",
      );
    return prepareEmptyHost(site, snapshot ?? "latest", options["password-file"]);
  }
  if (options.resume || options.undo) return resume(site, options.undo);
  if (snapshot === undefined) return list(site, options.all);

  const { only, yes } = options;
  const file = fileIn(only);
  const safetyBackup = !options["no-safety-backup"];
  return withOperator((operator) =>
    file === undefined
      ? restore(site, operator, { snapshot, parts: partsIn(only), yes, safetyBackup })
      : restoreOne(site, operator, { snapshot, ...file, yes }),
  );
});

function partsIn(only: string | undefined): Part[] {
  return only === undefined ? everyPart : everyPart.filter((part) => part === only);
}

function fileIn(only: string | undefined): { part: "uploads" | "data"; name: string } | undefined {
  if (only === undefined || ["database", "uploads", "data"].includes(only)) return undefined;
  const [, part, name] = /^(uploads|data)\/(.+)$/.exec(only) ?? [];
  if ((part !== "uploads" && part !== "data") || name === undefined || !name.split("/").every(isName))
    throw new OperatorError(
      `--only: must be database, uploads, data, or one file of these such as uploads/NAME (got ${only}); change it`,
    );
  return { part, name };
}

function isName(part: string): boolean {
  return !["", ".", ".."].includes(part);
}
