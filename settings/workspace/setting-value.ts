import { asText } from "../leaf";
import type { KnownSetting } from "./known-setting";
import type { SettingValue } from "./other-settings";

const notTexts = ["boolean", "int", "range", "timespan"];

/** A value as the setting's type has it: a text that YAML made a number of, such as the `0` of a select, is a text again. */
export function settingValue(setting: KnownSetting | undefined, value: SettingValue): SettingValue {
  if (setting === undefined || notTexts.includes(setting.type)) return value;
  return asText(value) ?? value;
}
