import { z } from "zod";
import { editDistance } from "./nearest";
import { schema, secretRules } from "./schema";
import { namedSecretKeys } from "./workspace/secrets";

/** A key's schema, without what makes it optional. */
export function inner(type: z.ZodType): z.ZodType {
  return type instanceof z.ZodOptional || type instanceof z.ZodDefault
    ? inner(type.unwrap() as z.ZodType)
    : type;
}

/** The keys of a group, in the schema's order. */
export function childrenOf(group: z.ZodObject): [string, z.ZodType][] {
  return Object.entries<z.ZodType>(group.shape);
}

/** Stands in a key for the name that the operator gives: `workspace.channels.<name>.topic`. */
export const anyName = "<name>";

/** What every entry of a record is, or undefined for anything else. */
export function entryOf(type: z.ZodType): z.ZodType | undefined {
  return type instanceof z.ZodRecord ? (type.valueType as z.ZodType) : undefined;
}

/** Every dotted key that holds a value, in the schema's order; the secrets last. */
export function settingKeys(): string[] {
  return [...leavesOf("", schema), ...Object.keys(secretRules), ...namedSecretKeys];
}

/** The known key that was most likely meant, if one is near enough. */
export function nearestKey(key: string): string | undefined {
  const known = [...settingKeys(), ...groupsOf("", schema)];
  const sameEnd = known.filter((name) => lastOf(name) === lastOf(key));
  const candidates = sameEnd.length > 0 && !known.includes(key) ? sameEnd : known;
  const [best] = candidates
    .map((name) => ({ name, distance: editDistance(name.toLowerCase(), key.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  if (best === undefined) return undefined;
  return sameEnd.length > 0 || best.distance <= Math.max(2, lastOf(key).length / 4) ? best.name : undefined;
}

function leavesOf(prefix: string, group: z.ZodObject): string[] {
  return childrenOf(group).flatMap(([name, type]) => leavesAt(prefix + name, inner(type)));
}

function leavesAt(key: string, type: z.ZodType): string[] {
  if (type instanceof z.ZodObject) return leavesOf(`${key}.`, type);
  const entry = entryOf(type);
  return entry === undefined ? [key] : leavesAt(`${key}.${anyName}`, inner(entry));
}

function groupsOf(prefix: string, group: z.ZodObject): string[] {
  return childrenOf(group).flatMap(([name, type]) => groupsAt(prefix + name, inner(type)));
}

function groupsAt(key: string, type: z.ZodType): string[] {
  if (type instanceof z.ZodObject) return [key, ...groupsOf(`${key}.`, type)];
  const entry = entryOf(type);
  return entry === undefined ? [] : [key, ...groupsAt(`${key}.${anyName}`, inner(entry))];
}

function lastOf(key: string): string {
  return key.slice(key.lastIndexOf(".") + 1).toLowerCase();
}
