import * as pulumi from "@pulumi/pulumi";
import { changedByYaml, unreadDocuments } from "./documents";
import { misspeltNamespaces } from "./namespace";
import { parseSettings } from "./parse";
import { type SecretKey, secretRules, type SecretSettings, type Settings } from "./schema";
import { goneSettings } from "./workspace/gone-settings";
import { isNamedSecret } from "./workspace/secrets";

export { parseSettings } from "./parse";

/** The one reader of Pulumi's configuration. Throws one RunError that lists every fault. */
export function loadSettings(): Settings {
  const namespace = `${pulumi.getProject()}:`;
  const all = Object.entries(pulumi.runtime.allConfig());
  const own = all.filter(([key]) => key.startsWith(namespace));
  const found = [...misspeltNamespaces(all.map(([key]) => key)), ...unreadDocuments(pulumi.getStack())];
  const config = Object.fromEntries(own.map(([key, text]) => [key.slice(namespace.length), text]));
  const secretKeys = new Set(Object.keys(config).filter((key) => isSecret(namespace + key)));
  const settings = parseSettings({
    stack: pulumi.getStack(),
    config,
    secretKeys,
    found,
    written: changedByYaml(pulumi.getStack()),
  });
  for (const line of goneSettings(settings, Object.keys(config))) void pulumi.log.warn(line);
  const read = new pulumi.Config();
  const named = Object.keys(config).filter(isNamedSecret);
  const secrets: SecretSettings = {
    named: Object.fromEntries(named.map((key) => [key, read.requireSecret(key)])),
  };
  for (const key of Object.keys(secretRules) as SecretKey[]) {
    const value = read.getSecret(key);
    if (value !== undefined) secrets[key] = value;
  }
  return { ...settings, secrets };
}

/** The SDK knows which keys are stored encrypted, and leaves the function out of its types. */
function isSecret(key: string): boolean {
  return (pulumi.runtime as unknown as { isConfigSecret(key: string): boolean }).isConfigSecret(key);
}
