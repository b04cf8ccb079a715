// npm run plan -- STACK: the first deployment of a stack in full. Needs no login, no passphrase and no server: it runs on a
// throw-away backend and a copy of the settings, where a placeholder stands for each secret.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { stackVariable } from "../settings/command";
import { type SecretRule, secretRules } from "../settings/schema";
import { projectRoot } from "../terminal/paths";
import { given } from "./stack/arguments";
import { initStack, type Stack } from "./stack/stack";
import { isSecure, readConfig, writeWhole } from "./stack/stack-file";
import { capture, interactive, main, OperatorError } from "../terminal/steps";
import { ensureToolchain } from "../machine/toolchain";

const placeholders: Record<string, SecretRule | undefined> = secretRules;

main(async (args) => {
  const [name, ...rest] = given("plan", args).rest;
  const settings = join(projectRoot, `Pulumi.${name}.yaml`);
  if (name === undefined || !existsSync(settings)) {
    throw new OperatorError(
      `npm run plan: is followed by a stack with a settings file (got ${name ?? "nothing"}); npm run plan -- prod`,
    );
  }
  const toolchain = await ensureToolchain();
  const directory = mkdtempSync(join(tmpdir(), "rocketchat-plan-"));
  try {
    mkdirSync(join(directory, "backend"));
    const stack: Stack = {
      name,
      env: {
        ...toolchain,
        [stackVariable]: name,
        PULUMI_BACKEND_URL: `file://${join(directory, "backend")}`,
        PULUMI_CONFIG_PASSPHRASE: randomBytes(24).toString("base64url"),
        PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
      },
      configArgs: ["--config-file", join(directory, `Pulumi.${name}.yaml`)],
    };
    await copySettings(stack, settings, directory);
    return await interactive({
      command: "pulumi",
      args: ["preview", "--diff", "--non-interactive", ...stack.configArgs, ...rest],
      env: stack.env,
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

async function copySettings(stack: Stack, settings: string, directory: string): Promise<void> {
  const { config } = readConfig(settings);
  const encryptionsalt = await initStack(stack, join(directory, "project"));
  const secrets = Object.keys(config).filter((key) => isSecure(config[key]));
  const plain = Object.fromEntries(Object.entries(config).filter(([key]) => !secrets.includes(key)));
  writeWhole(stack.configArgs[1]!, stringify({ encryptionsalt, config: plain }));
  for (const key of secrets) {
    const set = await capture({
      command: "pulumi",
      args: ["config", "set", "--secret", ...stack.configArgs, key],
      env: stack.env,
      input: placeholders[key.replace(/^rocketchat:/, "")]?.placeholder ?? "placeholder-for-a-secret",
    });
    if (set.status !== 0)
      throw new OperatorError(
        `${set.stderr.trim()}\n${key}: a placeholder could not be set (status ${set.status})`,
      );
  }
}
