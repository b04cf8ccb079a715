import { nearest } from "../nearest";
import type { KnownSetting } from "./known-setting";
import type { SettingValue } from "./other-settings";

const shortList = 8;

/** Types whose values people do not set. */
const unsettable: Record<string, string> = {
  action: "must not be set: it is a button",
  date: "must not be set: Rocket.Chat keeps it itself",
  relativeUrl: "must not be set: it is there to be read",
  multiSelect: "must not be set here: it is a list",
  asset: "must not be set: it is a file, which administrators upload",
  group: "must not be set: it is a heading of settings",
};

const numbers: Record<string, string> = {
  int: "an int",
  range: "a number from 0 to 100",
  timespan: "a timespan, in milliseconds",
};

/** What Rocket.Chat answers 400 to, without a reason. */
const sealedRules = {
  hidden: "must not be set: Rocket.Chat keeps it to itself, and refuses to have it written",
  readonly: "must not be set: it is there to be read, and Rocket.Chat refuses to have it written",
};

/** Why nobody sets it, whatever the value; undefined when people do. */
export function unsettableBecause({ type, sealed }: KnownSetting): string | undefined {
  return unsettable[type] ?? (sealed && sealedRules[sealed]);
}

/** What is wrong with a value, and an example of a right one; undefined when nothing is. */
export function typeFault(
  setting: KnownSetting,
  value: SettingValue,
): { rule: string; example?: string } | undefined {
  const { type, values } = setting;
  const never = unsettableBecause(setting);
  if (never !== undefined) return { rule: never };
  if (type === "boolean") {
    return typeof value === "boolean"
      ? undefined
      : { rule: `must be true or false: it is a ${type}`, example: "true" };
  }
  const number = numbers[type];
  if (number !== undefined) {
    const rule = `must be a whole number: it is ${number}`;
    return typeof value === "number" ? undefined : { rule, example: "10" };
  }
  if (type === "select")
    return typeof value === "string" && values.includes(value) ? undefined : selectFault(values, value);
  return typeof value === "string" ? undefined : { rule: `must be a text: it is a ${type}`, example: "text" };
}

function selectFault(values: string[], value: SettingValue): { rule: string; example?: string } {
  const [example] = [...nearest(String(value), values), ...values];
  const words = values.map((word) => JSON.stringify(word));
  const all =
    values.length > shortList ? `one of ${values.length} words, such as ${words[0]}` : words.join(" or ");
  return { rule: `must be ${all}: it is a select`, ...(example !== undefined && { example }) };
}

const secretId =
  /(secret|passphrase|password|token|api_?key|apn(_dev)?_key|private_?key|secretkey|credentials|secret_for_files)$/i;

/** Whether a setting is one that nobody should read. */
export function isSecretSetting(id: string, { type }: KnownSetting): boolean {
  return type === "password" || (["string", "code"].includes(type) && secretId.test(id));
}
