import { z } from "zod";
import { schema, secretRules } from "./schema";

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

/** Every dotted key that holds a value, in the schema's order; the secrets last. */
export function settingKeys(): string[] {
  return [...leavesOf("", schema), ...Object.keys(secretRules)];
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
  return sameEnd.length > 0 || best.distance <= Math.max(2, key.length / 3) ? best.name : undefined;
}

function leavesOf(prefix: string, group: z.ZodObject): string[] {
  return childrenOf(group).flatMap(([name, type]) => {
    const unwrapped = inner(type);
    return unwrapped instanceof z.ZodObject ? leavesOf(`${prefix}${name}.`, unwrapped) : [prefix + name];
  });
}

function groupsOf(prefix: string, group: z.ZodObject): string[] {
  return childrenOf(group).flatMap(([name, type]) => {
    const unwrapped = inner(type);
    return unwrapped instanceof z.ZodObject
      ? [prefix + name, ...groupsOf(`${prefix}${name}.`, unwrapped)]
      : [];
  });
}

function lastOf(key: string): string {
  return key.slice(key.lastIndexOf(".") + 1).toLowerCase();
}

/** Levenshtein's: how many letters to add, drop or change. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
