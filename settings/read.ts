import { z } from "zod";
import { childrenOf, inner, nearestKey } from "./keys";
import { decoded } from "./decoded";
import { exampleOf, exampleValueOf } from "./leaf";
import { got, hidden, removeCommand, setCommand, type Problem } from "./problems";
import { renamedKeys, schema, secretRuleOf, type Values } from "./schema";

/** The stack's configuration as Pulumi hands it over. */
export interface RawConfig {
  /** Key without the namespace to its text; groups are JSON. */
  config: Record<string, string>;
  /** The keys, without the namespace, that are stored encrypted. */
  secretKeys: Set<string>;
  /** What is wrong with where it came from: see `namespace.ts` and `documents.ts`. @default none */
  found?: Problem[];
  /** Where YAML makes another text of what was written, by key: see `documents.ts`. @default none */
  written?: Map<string, string>;
  /** The secrets' values are not there, as outside a deployment: only that they are set can be checked. @default false */
  secretsUnread?: boolean;
}

export interface Reading {
  /** Every key has a value here: one that is wrong has its default, or the example of its rule. */
  values: Values;
  problems: Problem[];
  /** The keys that are set, with their raw values; not the secrets. */
  given: Map<string, unknown>;
  /** Whether the keys, and the groups they are in, could be read, so that a check of them means something. */
  readable: (keys: string[]) => boolean;
}

/** Reads every key for itself, so that one wrong key hides no other. */
export function readConfig(raw: RawConfig): Reading {
  const reader = new Reader(raw);
  const values = schema.parse(reader.group("", schema, reader.root()));
  reader.secrets();
  return {
    values,
    problems: reader.problems,
    given: reader.given,
    readable: (keys) => keys.every((key) => reader.isReadable(key)),
  };
}

type Tree = Record<string, unknown>;

class Reader {
  readonly problems: Problem[] = [];
  readonly given = new Map<string, unknown>();
  private readonly broken = new Set<string>();
  /** New names of the renamed keys that are still set under the old one. */
  private readonly renamed = new Set<string>();

  constructor(private readonly raw: RawConfig) {}

  /** The configuration as one tree: groups decoded, the secrets left out. */
  root(): Tree {
    const tree = Object.create(null) as Tree;
    for (const [key, text] of Object.entries(this.raw.config)) {
      if (secretRuleOf(key) !== undefined) continue;
      const type = Object.hasOwn(schema.shape, key) ? inner(schema.shape[key as keyof Values]) : undefined;
      if (this.raw.secretKeys.has(key) && type !== undefined) this.refuseSecret(key, text, type);
      else tree[key] = type === undefined || type instanceof z.ZodObject ? decoded(text) : text;
    }
    for (const [old, { to }] of Object.entries(renamedKeys))
      if (valueAt(tree, old) !== undefined) this.renamed.add(to);
    return tree;
  }

  /** What the schema can parse without a fault; the faults are reported. */
  group(path: string, group: z.ZodObject, tree: Tree): Tree {
    const usable: Tree = {};
    for (const [name, type] of childrenOf(group)) {
      const value = this.child(path + name, type, Object.hasOwn(tree, name) ? tree[name] : undefined);
      if (value !== undefined) usable[name] = value;
    }
    for (const name of Object.keys(tree)) {
      if (!Object.hasOwn(group.shape, name)) this.refuseUnknown(path + name, tree[name]);
    }
    return usable;
  }

  secrets(): void {
    for (const [key, text] of Object.entries(this.raw.config)) {
      const secret = secretRuleOf(key);
      if (secret === undefined) continue;
      const { rule, good } = secret;
      const fix = `pulumi config set --secret rocketchat:${key}`;
      if (!this.raw.secretKeys.has(key)) {
        this.report({ key, rule: "must be stored encrypted", value: hidden(text), fix });
      }
      if (!this.raw.secretsUnread && !good(text)) this.report({ key, rule, value: hidden(text), fix });
    }
  }

  isReadable(key: string): boolean {
    const parents = key.split(".").map((_, i, names) => names.slice(0, i + 1).join("."));
    return !parents.some((parent) => this.broken.has(parent));
  }

  private child(key: string, type: z.ZodType, value: unknown): unknown {
    const unwrapped = inner(type);
    if (unwrapped instanceof z.ZodObject) return this.childGroup(key, type, unwrapped, value);
    if (unwrapped instanceof z.ZodRecord) return this.childRecord(key, unwrapped, value);
    if (value !== undefined) this.given.set(key, value);
    if (value === undefined && type !== unwrapped) return undefined;
    const read = value === undefined ? undefined : type.safeParse(value);
    const rule = read === undefined ? "is required" : read.error?.issues[0]?.message;
    if (rule === undefined) {
      const written = isTexts(read?.data) ? writtenProblem(this.raw, key, value) : undefined;
      if (written !== undefined) this.report(written);
      return value;
    }
    const movedHere = value === undefined && this.renamed.has(key);
    if (!movedHere) {
      this.report({ key, rule, value: got(value), fix: setCommand(key, exampleOf(type)) });
    }
    this.broken.add(key);
    return type === unwrapped ? exampleValueOf(type) : undefined;
  }

  private childGroup(key: string, type: z.ZodType, group: z.ZodObject, value: unknown): Tree | undefined {
    if (value === undefined && type instanceof z.ZodOptional) return undefined;
    if (isTree(value)) return this.group(`${key}.`, group, value);
    if (value !== undefined) {
      const example = `${key}.${childrenOf(group)[0]?.[0]}`;
      this.report({
        key,
        rule: "must be a group of settings",
        value: got(value),
        fix: `${removeCommand(key)}, then set its keys such as ${example}`,
      });
      this.broken.add(key);
    }
    return this.group(`${key}.`, group, {});
  }

  /** Entries by names that the operator gives. */
  private childRecord(key: string, record: z.ZodRecord, value: unknown): Tree | undefined {
    if (value === undefined) return undefined;
    if (!isTree(value)) {
      const fix = `${removeCommand(key)}, then set an entry such as ${key}.${exampleOf(record.keyType as z.ZodType)}`;
      this.report({ key, rule: "must be entries by name", value: got(value), fix });
      this.broken.add(key);
      return undefined;
    }
    const usable: Tree = {};
    for (const [name, entry] of Object.entries(value)) {
      const rule =
        name === "__proto__"
          ? "must be another: JavaScript takes it for a parent"
          : (record.keyType as z.ZodType).safeParse(name).error?.issues[0]?.message;
      if (rule !== undefined) {
        const fix = `rename it, such as ${key}.${exampleOf(record.keyType as z.ZodType)}`;
        this.report({ key: `${key}.${name}`, rule: `the name ${rule}`, value: got(name), fix });
        continue;
      }
      const read = this.child(`${key}.${name}`, record.valueType as z.ZodType, entry);
      if (read !== undefined) usable[name] = read;
    }
    return usable;
  }

  private refuseSecret(key: string, text: string, type: z.ZodType): void {
    const isGroup = type instanceof z.ZodObject;
    this.report({
      key,
      rule: isGroup
        ? "must not hold secrets: they have keys of their own"
        : "must not be a secret: it is no secret to users",
      value: hidden(text),
      fix: isGroup
        ? `${removeCommand(key)}, then set its keys again without --secret`
        : `set it again without --secret: ${setCommand(key, exampleOf(type))}`,
    });
    this.broken.add(key);
  }

  private refuseUnknown(key: string, value: unknown): void {
    const renamed = Object.hasOwn(renamedKeys, key) ? renamedKeys[key] : undefined;
    const concealed = this.raw.secretKeys.has(key) || /pass|secret|token|credential|private|key$/i.test(key);
    const shown = concealed ? hidden(value) : got(value);
    if (renamed !== undefined) {
      const rule = `was renamed ${renamed.to}${renamed.and === undefined ? "" : ` and ${renamed.and}`}`;
      this.report({ key, rule, value: shown, fix: `${removeCommand(key)} and set ${renamed.to}` });
    } else if (key.includes(".") && Object.hasOwn(this.raw.config, key)) {
      const fix = `pulumi config rm 'rocketchat:${key}' and set it again with --path`;
      this.report({
        key,
        rule: "must be set with --path, else its dots are part of one name",
        value: shown,
        fix,
      });
    } else {
      const nearest = nearestKey(key);
      const fix = nearest === undefined ? removeCommand(key) : `did you mean ${nearest}?`;
      this.report({ key, rule: "is not a setting", value: shown, fix });
    }
  }

  /** Unless an unreadable group above it has been reported already. */
  private report(problem: Problem): void {
    if (this.isReadable(problem.key)) this.problems.push(problem);
  }
}

function isTexts(value: unknown): boolean {
  return typeof value === "string" || (Array.isArray(value) && value.every((one) => typeof one === "string"));
}

/** A text of which YAML has made another one. */
export function writtenProblem(
  { written }: Pick<RawConfig, "written">,
  key: string,
  value: unknown,
): Problem | undefined {
  const source = written?.get(key);
  if (source === undefined) return undefined;
  return {
    key,
    rule: `must be in quotes where it is a text: YAML makes ${String(value)} of it`,
    value: `got ${source}`,
    fix: `write it in the stack's file as "${source}"`,
  };
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueAt(tree: Tree, key: string): unknown {
  return key
    .split(".")
    .reduce<unknown>(
      (node, name) => (isTree(node) && Object.hasOwn(node, name) ? node[name] : undefined),
      tree,
    );
}
