import { nearest } from "../nearest";
import { got, hidden, type Problem, removeCommand, setCommand } from "../problems";
import { type RawConfig, type Reading, writtenProblem } from "../read";
import { botAddressProblems } from "./bot-addresses";
import { knownSetting, knownSettings } from "./known-settings";
import type { SettingValue } from "./other-settings";
import { ownerOf } from "./owned-ids";
import {
  builtInServices,
  clientSecretKey,
  customServiceOf,
  secretSettingKey,
  secretSettingOf,
} from "./secrets";
import { isSecretSetting, typeFault, unsettableBecause } from "./setting-type";
import { settingValue } from "./setting-value";
import { posterProblems } from "./webhook-posters";

/** What is wrong between the keys of the workspace, its secrets, and what Rocket.Chat knows. */
export function workspaceProblems(reading: Reading, raw: RawConfig): Problem[] {
  const { config } = raw;
  const secrets = Object.keys(config);
  return [
    ...pairs(reading).flatMap((pair) => pairProblem(pair, config)),
    ...secrets.flatMap((key) => strayClientSecret(reading, key, config)),
    ...customServices(reading, config),
    ...strayWords(reading),
    ...posterProblems(reading),
    ...botAddressProblems(reading),
    ...otherSettings(reading, raw),
    ...secrets.flatMap((key) => secretSetting(key, config)),
  ];
}

/** A secret and the key that it goes with. */
interface Pair {
  secret: string;
  key: string;
  /** Whether the key is there. */
  there: boolean;
  required: boolean;
}

function pairs({ values, readable }: Reading): Pair[] {
  const { uploads, workspace } = values;
  const { mail, registration, signIn } = workspace;
  const services = { ...signIn.custom, google: signIn.google, github: signIn.github, gitlab: signIn.gitlab };
  const bucket = { key: "uploads.s3.bucket", there: uploads.s3.bucket !== undefined, required: false };
  const all: Pair[] = [
    { secret: "smtpPassword", key: "workspace.mail.user", there: mail?.user !== undefined, required: true },
    {
      secret: "registrationSecretUrl",
      key: "workspace.registration.form Secret URL",
      there: registration.form === "Secret URL",
      required: false,
    },
    ...Object.entries(services).map(([name, service]) => ({
      secret: clientSecretKey(name),
      key: (builtInServices as readonly string[]).includes(name)
        ? `workspace.signIn.${name}`
        : `workspace.signIn.custom.${name}`,
      there: service !== undefined,
      required: true,
    })),
    { secret: "uploadsS3AccessKeyId", ...bucket },
    { secret: "uploadsS3SecretAccessKey", ...bucket },
  ];
  return all.filter(({ key }) => readable([key.split(" ")[0]!]));
}

function pairProblem({ secret, key, there, required }: Pair, config: Record<string, string>): Problem[] {
  const given = config[secret];
  if (there && required && given === undefined) {
    const fix = `pulumi config set --secret rocketchat:${secret}`;
    return [{ key: secret, rule: `is required with ${key}`, value: got(undefined), fix }];
  }
  return !there && given !== undefined ? [stray(secret, given, key)] : [];
}

function stray(secret: string, given: string, key: string): Problem {
  return {
    key: secret,
    rule: `means nothing without ${key}`,
    value: hidden(given),
    fix: `${removeCommand(secret)}, or set ${key}`,
  };
}

function strayClientSecret(
  { values, readable }: Reading,
  key: string,
  config: Record<string, string>,
): Problem[] {
  const name = customServiceOf(key);
  if (name === undefined || !readable(["workspace.signIn.custom"])) return [];
  const there = Object.hasOwn(values.workspace.signIn.custom ?? {}, name);
  return there ? [] : [stray(key, config[key]!, `workspace.signIn.custom.${name}`)];
}

/** Custom OAuth is a Premium feature from 9.0 on, and a Community workspace does not take it. */
function customServices({ values, readable }: Reading, config: Record<string, string>): Problem[] {
  const { rocketchat, workspace } = values;
  const names = Object.keys(workspace.signIn.custom ?? {});
  if (!readable(["rocketchat.version", "workspace.signIn.custom"]) || names.length === 0) return [];
  const major = Number(rocketchat.version.split(".")[0]);
  if (major < 9 || config["licence"] !== undefined) return [];
  return [
    {
      key: "workspace.signIn.custom",
      rule: "must not be set with Rocket.Chat 9 and later without a licence, where custom OAuth services are a Premium feature",
      value: `got ${names.join(" and ")} with ${rocketchat.version}`,
      fix: "remove it, stay on Rocket.Chat 8, or set the secret licence",
    },
  ];
}

/** Rocket.Chat takes the words of any other event away again. */
function strayWords({ values, readable }: Reading): Problem[] {
  return Object.entries(values.workspace.outgoingWebhooks ?? {}).flatMap(([name, { event, ...words }]) => {
    const at = (key: string) => `workspace.outgoingWebhooks.${name}.${key}`;
    if (event === "sendMessage" || !readable([at("event")])) return [];
    const given = [
      ["triggerWords", words.triggerWords?.join(" ")] as const,
      ["triggerWordAnywhere", words.triggerWordAnywhere || undefined] as const,
    ];
    return given
      .filter(([key, value]) => value !== undefined && readable([at(key)]))
      .map(([key, value]) => ({
        key: at(key),
        rule: `means nothing with event ${event}: only messages have words`,
        value: got(value),
        fix: `${removeCommand(at(key))}, or set event to sendMessage`,
      }));
  });
}

function otherSettings({ values, readable }: Reading, raw: RawConfig): Problem[] {
  const { settings = {}, unknownSettings = {} } = values.workspace;
  const checked = <T>(
    group: string,
    of: Record<string, T>,
    check: (key: string, id: string, value: T) => Problem | undefined,
  ) =>
    Object.entries(of).flatMap(([id, value]) => {
      const key = `workspace.${group}.${id}`;
      const problem = readable([key]) ? check(key, id, value) : undefined;
      return problem === undefined ? [] : [problem];
    });
  return [
    ...checked(
      "settings",
      settings,
      (key, id, value) =>
        known(key, id, value) ?? madeText(key, id, value, raw) ?? twice(key, id, value, raw.config),
    ),
    ...checked("unknownSettings", unknownSettings, unknown),
  ];
}

function known(key: string, id: string, value: SettingValue): Problem | undefined {
  const owned = ownedBy(key, id, got(value));
  const setting = knownSetting(id);
  if (owned !== undefined || setting === undefined) return owned ?? notKnown(key, id, got(value));
  const fault = typeFault(setting, settingValue(setting, value));
  if (fault !== undefined) {
    const fix = fault.example === undefined ? removeCommand(key) : setCommand(key, fault.example);
    return { key, rule: fault.rule, value: isSecretSetting(id, setting) ? hidden(value) : got(value), fix };
  }
  if (!isSecretSetting(id, setting)) return undefined;
  const fix = `${removeCommand(key)}, then pulumi config set --secret rocketchat:${secretSettingKey(id)}`;
  return { key, rule: "must be stored encrypted, under a key of its own", value: hidden(value), fix };
}

/** A setting that is a text, which YAML made something else of. */
function madeText(key: string, id: string, value: SettingValue, raw: RawConfig): Problem | undefined {
  return settingValue(knownSetting(id), value) === value ? undefined : writtenProblem(raw, key, value);
}

function twice(
  key: string,
  id: string,
  value: SettingValue,
  config: Record<string, string>,
): Problem | undefined {
  const secret = secretSettingKey(id);
  if (!Object.hasOwn(config, secret)) return undefined;
  return {
    key,
    rule: `must not be set beside the secret ${secret}`,
    value: got(value),
    fix: removeCommand(key),
  };
}

function unknown(key: string, id: string, value: SettingValue): Problem | undefined {
  const owned = ownedBy(key, id, got(value));
  const setting = knownSetting(id);
  if (owned !== undefined || setting === undefined) return owned;
  const never = unsettableBecause(setting);
  if (never !== undefined) return { key, rule: never, value: got(value), fix: removeCommand(key) };
  const fix = `${removeCommand(key)} and set workspace.settings.${id}`;
  return {
    key,
    rule: "must stand under workspace.settings, since this release knows it",
    value: got(value),
    fix,
  };
}

/** The secret of a setting by its id: no message shows it. */
function secretSetting(key: string, config: Record<string, string>): Problem[] {
  const id = secretSettingOf(key);
  if (id === undefined) return [];
  const value = hidden(config[key]);
  const owned = ownedBy(key, id, value);
  const setting = knownSetting(id);
  if (owned !== undefined || setting === undefined) return [owned ?? notKnown(key, id, value)];
  const never = unsettableBecause(setting);
  if (never !== undefined) return [{ key, rule: never, value, fix: removeCommand(key) }];
  if (typeFault(setting, "") === undefined) return [];
  const rule = `must be the secret of a text, and ${id} is ${setting.type}`;
  return [{ key, rule, value, fix: `${removeCommand(key)} and set workspace.settings.${id}` }];
}

function ownedBy(key: string, id: string, value: string): Problem | undefined {
  const owner = ownerOf(id);
  if (owner === undefined) return undefined;
  return { key, rule: `is decided by ${owner}`, value, fix: `${removeCommand(key)} and set ${owner}` };
}

function notKnown(key: string, id: string, value: string): Problem {
  const settable = [...knownSettings()].filter(([, setting]) => unsettableBecause(setting) === undefined);
  const near = nearest(
    id,
    settable.map(([known]) => known),
    3,
  );
  const newer = "one that is newer than this release goes under workspace.unknownSettings";
  const fix = near.length === 0 ? newer : `did you mean ${near.join(" or ")}? If not: ${newer}`;
  return { key, rule: "is no setting of Rocket.Chat that this release knows", value, fix };
}
