import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parse } from "yaml";
import { projectRoot } from "./paths";
import { localDirectory, type Stack } from "./stack";
import { capture, OperatorError } from "./steps";

interface LocalConfig {
  config: {
    "rocketchat:prefix"?: string;
    "rocketchat:helperImage": string;
    "rocketchat:ingress"?: { mode?: string };
  };
}

/** What the operator does next, once the stack `local` is up. */
export async function summary(stack: Stack, engine: string, took: string): Promise<string> {
  const url = await output(stack, "url");
  const username = await output(stack, "adminUsername");
  return `
Rocket.Chat is up (${took}).

  address          ${url}
  administrator    ${username}
  password         npm run --silent pulumi -- stack output adminPassword --show-secrets
${await rootLines(stack, engine, url)}  take it down     npm run down                      keeps the data for the next npm run up
                   npm run down -- --delete-data     removes everything`;
}

async function output(stack: Stack, name: string): Promise<string> {
  const answer = await capture({ command: "pulumi", args: ["stack", "output", name], env: stack.env });
  if (answer.status !== 0)
    throw new OperatorError(
      `${answer.stderr.trim()}\npulumi stack output ${name}: failed (status ${answer.status}); run npm run up again`,
    );
  return answer.stdout.trim();
}

/** How to trust the test CA; nothing where another Traefik brings the certificate. */
async function rootLines(stack: Stack, engine: string, url: string): Promise<string> {
  const { config } = parse(readFileSync(stack.configArgs[1]!, "utf8")) as LocalConfig;
  if (config["rocketchat:ingress"]?.mode === "existing") return "";
  const root = relative(projectRoot, await copyRoot(stack, engine, config));
  return `  test CA's root   ${root}
                   curl --cacert ${root} ${url}/api/info
                   a browser: import it as an authority for web sites, in the settings for certificates
                   Debian, Ubuntu: cp ${root} /usr/local/share/ca-certificates/rocketchat-local.crt && update-ca-certificates
`;
}

/** The root lies on the engine's host, readable for root alone: a copy for the operator. */
async function copyRoot(stack: Stack, engine: string, config: LocalConfig["config"]): Promise<string> {
  const acme = `/opt/${config["rocketchat:prefix"] ?? ""}traefik/acme`;
  const answer = await capture({
    command: "docker",
    args: [
      ...[
        "run",
        "--rm",
        "--network",
        "none",
        "--volume",
        `${acme}:${acme}:ro`,
        config["rocketchat:helperImage"],
      ],
      ...["cat", `${acme}/test-ca-root.pem`],
    ],
    env: { ...stack.env, DOCKER_HOST: engine },
  });
  if (answer.status !== 0)
    throw new OperatorError(
      `${answer.stderr.trim()}\nthe test CA's root could not be read (status ${answer.status}); run npm run up again`,
    );
  const copy = join(localDirectory, "test-ca-root.pem");
  writeFileSync(copy, answer.stdout);
  return copy;
}
