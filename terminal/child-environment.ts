import { readFileSync } from "node:fs";
import { join } from "node:path";

type Environment = NodeJS.ProcessEnv;

/**
 * What a docker client, and with it ssh, gets: what `scripts/environment/client-variables` names, and of the rest of this process's
 * environment nothing. Pulumi hands its program the decrypted settings, the passphrase and the keys of the state's store there.
 * @param variables What it gets besides.
 * @param from @default this process's environment
 */
export function clientEnvironment(variables: Environment = {}, from: Environment = process.env): Environment {
  // For a credential helper or a proxy of ssh that wants more.
  const also = (from["ROCKETCHAT_CLIENT_VARIABLES"] ?? "").split(/\s+/);
  return { ...pick(from, (name) => isOf("client-variables", "", name) || also.includes(name)), ...variables };
}

/** An environment for tools that have nothing to do with a stack, such as package managers. */
export function withoutSecrets(from: Environment = process.env): Environment {
  return pick(from, (name) => !isSecretVariable(name));
}

/** By its name, as `scripts/environment/secret-variables` has it. */
export function isSecretVariable(name: string): boolean {
  return isOf("secret-variables", "i", name);
}

const patterns = new Map<string, RegExp>();

function isOf(list: string, flags: string, name: string): boolean {
  let pattern = patterns.get(list);
  if (pattern === undefined) {
    const lines = readFileSync(join(__dirname, "..", "scripts", "environment", list), "utf8")
      .trim()
      .split("\n");
    pattern = new RegExp(`^(?:${lines.join("|")})$`, flags);
    patterns.set(list, pattern);
  }
  return pattern.test(name);
}

function pick(from: Environment, keep: (name: string) => boolean): Environment {
  return Object.fromEntries(Object.entries(from).filter(([name]) => keep(name)));
}
