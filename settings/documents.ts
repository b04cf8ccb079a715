import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Problem } from "./problems";

/** Pulumi reads the first YAML document of a stack's file and leaves out the others without a word. */
export function unreadDocuments(stack: string, directory = join(__dirname, "..")): Problem[] {
  const name = `Pulumi.${stack}.yaml`;
  const file = join(directory, name);
  if (!existsSync(file)) return [];
  const documents = parseAllDocuments(readFileSync(file, "utf8")).length;
  if (documents <= 1) return [];
  return [
    {
      key: name,
      rule: "must be one YAML document, else Pulumi reads the first alone",
      value: `got ${documents}`,
      fix: "put all keys below one config: and take out the lines ---",
    },
  ];
}
