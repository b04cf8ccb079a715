/** Services whose client secret has a key of its own name; a custom service has `<name>ClientSecret` as well. */
export const builtInServices = ["google", "github", "gitlab"] as const;

/** The secret key of a service that people log in with. */
export function clientSecretKey(service: string): string {
  return `${service}ClientSecret`;
}

/** The name of the custom service that a secret key is for. */
export function customServiceOf(key: string): string | undefined {
  const [, name] = /^([a-z][a-z0-9]{1,29})ClientSecret$/.exec(key) ?? [];
  return name === undefined || (builtInServices as readonly string[]).includes(name) ? undefined : name;
}

/** The secret key of a setting of Rocket.Chat that is a secret. */
export function secretSettingKey(id: string): string {
  return `secretSetting_${id}`;
}

/** The setting that a secret key is for. */
export function secretSettingOf(key: string): string | undefined {
  return /^secretSetting_([A-Za-z][A-Za-z0-9_-]*)$/.exec(key)?.[1];
}

/** How the keys are written that hold a name of the operator's. */
export const namedSecretKeys = ["<name>ClientSecret", "secretSetting_<id>"];

/** Whether a secret key is one of those that hold a name. */
export function isNamedSecret(key: string): boolean {
  return customServiceOf(key) !== undefined || secretSettingOf(key) !== undefined;
}
