import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isCollection, isScalar, parseAllDocuments, visit } from "yaml";
import type { Problem } from "./problems";

const fileOf = (stack: string) => `Pulumi.${stack}.yaml`;

/** Pulumi reads the first YAML document of a stack's file and leaves out the others without a word. */
export function unreadDocuments(stack: string, directory = join(__dirname, "..")): Problem[] {
  const name = fileOf(stack);
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

/**
 * Where a stack's file holds what YAML, as Pulumi reads it, makes another text of: `0123` is 83 and `1_000` is 1000 there, a date gets a
 * time. By key, what was written; a list's key stands for what is in it.
 */
export function changedByYaml(stack: string, directory = join(__dirname, "..")): Map<string, string> {
  const file = join(directory, fileOf(stack));
  const changed = new Map<string, string>();
  if (!existsSync(file)) return changed;
  const [document] = parseAllDocuments(readFileSync(file, "utf8"));
  const config: unknown = document === undefined || "empty" in document ? undefined : document.get("config");
  if (!isCollection(config)) return changed;
  visit(config, {
    Scalar(at, { source, type }, path) {
      if (at === "key" || type !== "PLAIN" || source === undefined || !isChanged(source)) return;
      const names = path.flatMap((node) =>
        "key" in node && isScalar(node.key) ? [String(node.key.value)] : [],
      );
      changed.set(names.join(".").replace(/^rocketchat:/, ""), source);
    },
  });
  return changed;
}

const int64 = 2n ** 63n;

/** Of a plain scalar. A number with decimals is never taken for a text. */
function isChanged(source: string): boolean {
  if (/^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(T| |$)/i.test(source)) return true;
  if (/^(true|false)$/i.test(source)) return source !== source.toLowerCase();
  const digits = source.replace(/^[-+]/, "").replaceAll("_", "");
  if (!/^[0-9]/.test(digits) || !Number.isInteger(Number(digits))) return false;
  return !/^(0|-?[1-9][0-9]*)$/.test(source) || BigInt(source) >= int64 || BigInt(source) < -int64;
}
