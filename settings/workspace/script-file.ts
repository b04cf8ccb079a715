import { Script } from "node:vm";
import { leaf, type Leaf } from "../leaf";
import { namedFile } from "../named-file";

const longestBytes = 64 * 1024;

/** A file with the script of a webhook, read: `class Script` and its methods, in JavaScript that runs as it is. */
export function scriptFile(example: string): Leaf<string> {
  return leaf(example, (raw) => {
    const content = typeof raw === "string" ? namedFile(raw, longestBytes) : undefined;
    if (content === undefined) {
      throw new RangeError("must name a file of at most 64 KiB, from the project's directory");
    }
    const fault = faultOf(content);
    if (fault !== undefined)
      throw new RangeError(`must name a file with a class Script in JavaScript: ${fault}`);
    return content;
  });
}

function faultOf(source: string): string | undefined {
  if (!/\bclass\s+Script\b/.test(source)) return "it has none";
  try {
    new Script(`"use strict";${source}`);
    return undefined;
  } catch (error) {
    return String(error);
  }
}
