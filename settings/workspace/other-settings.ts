import { type Leaf, leaf, named, text } from "../leaf";

export type SettingValue = string | number | boolean;

const value: Leaf<SettingValue> = leaf("true", (raw) => {
  if (typeof raw === "string" || typeof raw === "boolean" || Number.isSafeInteger(raw))
    return raw as SettingValue;
  throw new RangeError("must be a text, a whole number, or true or false");
});

const id = text("API_Enable_CORS", 'must be the id of a setting: letters, digits, "_", "-" and "."', (name) =>
  /^[A-Za-z][A-Za-z0-9_.-]{1,199}$/.test(name),
);

/** Settings of Rocket.Chat by their ids. */
export const otherSettingsSchema = named(id, value);
