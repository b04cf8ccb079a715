import { randomInt } from "node:crypto";
import { dirname } from "node:path/posix";
import { inventoryOf } from "../../inventory";
import { mongoSecrets, standardMongoName } from "../../inventory/mongo";
import { chatSecrets, envFile as envFileOf, workspaceName } from "../../inventory/rocketchat";
import { settingOverrides } from "../../settings/setting-overrides";
import { commandFor } from "../../settings/command";
import { parseSettings } from "../../settings/parse";
import { isRefusal } from "../../settings/problems";
import type { PlainSettings } from "../../settings/schema";
import type { Operator } from "../../terminal/operator";
import type { Given } from "../stack/arguments";
import { type Stack, withOverlay } from "../stack/stack";
import { readConfig, writeWhole } from "../stack/stack-file";
import { capture, OperatorError, say } from "../../terminal/steps";
import { makeCopy } from "./copy";
import type { Facts, Login } from "./facts";
import { Host } from "../../engine/host";
import { stackLabel } from "../../engine/labels";
import { inspect } from "./inspect";
import { type Managed, managed } from "./managed";
import type { Plan } from "./plan";
import { planOf } from "./plan-all";
import { readSecret } from "./prepare-data";
import { type Adoption, readAdoption, suffix, writeAdoption } from "./record";
import { report } from "./report";
import { rawConfig, SettingsFile } from "./settings-file";

export type AdoptOptions = Partial<Omit<Given<"adopt">["options"], "undo">>;

/** Everything up to the next `npm run up`. Changes nothing before the operator typed the stack's name. */
export async function adopt(stack: Stack, operator: Operator, options: AdoptOptions): Promise<number> {
  const file = new SettingsFile(stack.name);
  const given = [
    ...(options.engine === undefined ? [] : [{ key: "engine", value: options.engine, from: "given" }]),
    ...(options.prefix === undefined ? [] : [{ key: "prefix", value: options.prefix, from: "given" }]),
    ...(options.hostname === undefined ? [] : [{ key: "hostname", value: options.hostname, from: "given" }]),
  ];
  const givenLines = file.apply(given);
  const before = defaultsOf(stack, file);
  const host = new Host(before.engine, before.helperImage, stack.env);
  await host.ensureImage(before.helperImage);
  await refuseHalfway(host, stack, before);

  say(`▸ looking at ${options.rocketchat ?? workspaceName(before)} on ${host.engine} …`);
  const facts = await inspect(host, {
    chat: options.rocketchat ?? workspaceName(before),
    mongo: options.mongodb ?? standardMongoName(before),
    directory: before.directory,
    askAdministrator: () => askAdministrator(operator),
    overridden: Object.keys(settingOverrides(before)),
    knownRoot: (await readSecret(host, mongoSecrets(before.mongo), "root-password")) || undefined,
  });
  refuseOurs(facts);
  const plan = planOf(facts, {
    prefix: before.prefix,
    directory: before.directory,
    mongoDirectory: before.mongo.directory,
    ingressDirectory: before.ingress.mode === "managed" ? before.ingress.directory : undefined,
    hostname: options.hostname,
    rocketchatVersion: options["rocketchat-version"],
    httpPort: before.ingress.mode === "managed" ? before.ingress.httpPort : undefined,
    httpsPort: before.ingress.httpsPort,
    accepted: new Set(options.accept ?? []),
  });
  const lines = [...givenLines, ...file.apply(plan.settings)];
  say(
    `\n${report(plan, [`${file.path}${file.exists ? ", which is there: its other keys stay" : ""}`, ...lines])}\n`,
  );
  if (plan.refusals.length > 0) {
    say("Nothing was changed.");
    return 1;
  }
  const settings = parsed(stack, file);

  say(
    `Nothing was changed yet. Now: a copy, the secrets, the settings file; the chat goes on. ${commandFor(stack.name, "up")} does the rest.`,
  );
  await operator.confirm(stack.name, "npm run adopt", "nothing was changed");

  const copy = `${settings.directory}/before-adoption-${new Date().toISOString().slice(0, 16).replace(/:/g, "")}`;
  await host.ensureImage(settings.mongo.image);
  await makeCopy(host, facts, {
    path: copy,
    prefix: settings.prefix,
    image: settings.mongo.image,
    directory: settings.directory,
  });
  await keepSecrets(host, settings, facts, plan);
  writeWhole(file.path, file.text());
  await keepToken(stack, file, plan);
  await writeAdoption(host, settings.directory, await adoptionOf(host, stack, settings, facts, copy));
  say(`
Ready. Until now nothing of the running service was touched.

  copy       ${copy} on the server; it holds every message and password
  settings   ${file.path}
  next       ${commandFor(stack.name, "up")}       stops the old service and starts the new one
  way back   ${commandFor(stack.name, "adopt", "--undo")}`);
  return 0;
}

/** The prefix, directories and engine that the stack has before anything is known of the workspace. */
export function defaultsOf(stack: Stack, file: SettingsFile): Managed {
  const own = file.config();
  const { acme } = (own["rocketchat:ingress"] ?? {}) as { acme?: { server?: unknown } };
  const placeholders: Record<string, unknown> = {
    // As public as the real one has to be.
    "rocketchat:hostname": acme?.server === "test-ca" ? "chat.localhost" : "chat.example.org",
    "rocketchat:rocketchat": { version: "8.8.1" },
    "rocketchat:mongo": { version: "8.0.32" },
  };
  const config: Record<string, unknown> = { ...placeholders, ...own };
  for (const [key, value] of Object.entries(placeholders))
    if (typeof value === "object") config[key] = { ...value, ...(own[key] as object | undefined) };
  return parse(stack, config);
}

function parsed(stack: Stack, file: SettingsFile): Managed {
  return parse(stack, file.config());
}

function parse(stack: Stack, config: Record<string, unknown>): Managed {
  const whole = stack.name === "local" ? withOverlay(config) : config;
  try {
    return managed(parseSettings({ stack: stack.name, config: rawConfig(whole), secretKeys: new Set() }));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new OperatorError(
      `${error.message}\nWhat comes from the running workspace is written again by every run: change it there. Nothing was changed.`,
      { cause: error },
    );
  }
}

async function refuseHalfway(host: Host, stack: Stack, { directory }: PlainSettings): Promise<void> {
  const adoption = await readAdoption(host, directory);
  if (adoption === undefined) return;
  const name = await host.try(["container", "inspect", "--format", "{{.Name}}", adoption.chat.id]);
  if (adoption.state === "planned" && !name.stdout.trim().endsWith(suffix)) return;
  throw new OperatorError(
    `stack ${stack.name}: is taken over already (${adoption.state}); go on with ${commandFor(stack.name, "up")}, or go back: ${commandFor(stack.name, "adopt", "--undo")}`,
  );
}

function refuseOurs({ chat, mongo }: Facts): void {
  const ours = [chat, mongo].find(({ labels }) => labels[stackLabel] !== undefined);
  if (ours === undefined) return;
  throw new OperatorError(
    `container ${ours.name}: must be one that was started by hand (it is of the stack ${ours.labels[stackLabel]}); nothing is left to take over`,
  );
}

async function askAdministrator(operator: Operator): Promise<Login> {
  const user = (
    await operator.ask("MongoDB asks for a login. Name of its administrator (role root):")
  ).trim();
  const password = await operator.askSecret("Password (it is not shown):");
  return { user, password, authSource: "admin" };
}

/** What is on the host already is kept, since data may depend on it. */
async function keepSecrets(host: Host, settings: Managed, facts: Facts, plan: Plan): Promise<void> {
  const { administrator } = facts.database;
  const root =
    administrator?.user === "root" && administrator.authSource === "admin" ? administrator : undefined;
  const [chat, mongo] = [chatSecrets(settings), mongoSecrets(settings.mongo)];
  await keep(host, mongo, "root-password", root?.password);
  if (plan.secrets.keyfile !== undefined) await keep(host, mongo, "keyfile", plan.secrets.keyfile);
  await keep(host, chat, "mongo-password", plan.secrets.mongoPassword);
  // Random, since Rocket.Chat would take it for an administrator's password if one day it had none.
  await keep(host, chat, "admin-password", undefined, "UNCHANGED-BY-ADOPTION-");
}

async function keep(
  host: Host,
  directory: string,
  name: string,
  known: string | undefined,
  mark = "",
): Promise<void> {
  const kept = await host.script(
    "scripts/host/keep-secret.sh",
    directory,
    { DIRECTORY: directory, NAME: name, GENERATION: "1" },
    { input: known ?? mark + randomText(32) },
  );
  if (known !== undefined && kept !== known)
    throw new OperatorError(
      `${directory}/${name}: must be what the running service uses (got another value, of an earlier deployment); remove it and ${name}.generation, then run the command again`,
    );
}

function randomText(length: number): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join("");
}

/** A token works once, and the workspace has used it: so it is no reason to stop. */
async function keepToken(stack: Stack, file: SettingsFile, { secrets }: Plan): Promise<void> {
  if (secrets.registrationToken === undefined) return;
  const key = "rocketchat:registrationToken";
  const set = await capture({
    command: "pulumi",
    args: ["config", "set", "--secret", ...stack.configArgs, key],
    env: stack.env,
    input: secrets.registrationToken,
  });
  if (set.status !== 0) {
    say(
      `REG_TOKEN: was not kept as a secret, since the stack ${stack.name} cannot be opened yet; if you still need it: ${commandFor(stack.name, "pulumi", "config", "set", "--secret", key)}`,
    );
    return;
  }
  const [, workingCopy] = stack.configArgs;
  if (workingCopy === undefined) return;
  // `local` works on a copy of its settings, made anew by every command.
  file.setSecure(key, readConfig(workingCopy).config[key]);
  writeWhole(file.path, file.text());
}

async function adoptionOf(
  host: Host,
  stack: Stack,
  settings: Managed,
  { chat, mongo, database, envFile }: Facts,
  copy: string,
): Promise<Adoption> {
  const owners = [];
  for (const { path } of inventoryOf(settings).dataDirectories) {
    const found = await host.look("scripts/host/adoption/owner.sh", dirname(path), { DIRECTORY: path });
    const [owner, mode] = found?.trim().split(" ") ?? [];
    if (owner !== undefined && mode !== undefined) owners.push({ path, owner, mode });
  }
  const formerMember = database.set?.members[0];
  return {
    stack: stack.name,
    state: "planned",
    chat: { id: chat.id, name: chat.name, restart: chat.restart },
    mongo: { id: mongo.id, name: mongo.name, restart: mongo.restart },
    image: settings.mongo.image,
    dataDirectory: settings.mongo.dataDirectory,
    replicaSet: settings.mongo.replicaSet,
    member: `${settings.mongo.hostname}:27017`,
    ...(formerMember === undefined ? {} : { formerMember }),
    copy,
    database: settings.mongo.database,
    settings: database.chat.settingFields,
    // In another directory than the stack's it stays as it is.
    hasEnvFile: envFile?.path === envFileOf(settings),
    owners,
  };
}
