import { build } from "esbuild";
import { join } from "node:path";
import { Client } from "../../engine/client";
import { commandHere } from "../../settings/command";
import { projectRoot } from "../../terminal/paths";
import { OperatorError } from "../../terminal/steps";

/** One mail, and the server that it is handed to. */
export interface Mail {
  host: string;
  port: number;
  tls: "none" | "starttls" | "tls";
  user?: string;
  password?: string;
  sender: string;
  recipient: string;
  subject: string;
  text: string;
}

/** A step of the dialogue and what the server said; `fault` where it did not succeed, and then it is the last. */
export interface Step {
  step: string;
  said: string;
  fault?: string;
}

/**
 * Hands a mail to its server from inside a container, over whose network, names and trusted certificates Rocket.Chat's own mails go,
 * by the mailer that it has. The password travels on standard input.
 */
export async function mailDialogue(engine: string, container: string, mail: Mail): Promise<Step[]> {
  const answer = await new Client(engine).try(["exec", "--interactive", container, "node", "-"], {
    input: await mailProgram(mail),
  });
  if (answer.status !== 0) {
    throw new OperatorError(
      `container ${container}: could not be used to send a mail (${answer.stderr.trim().split("\n").at(-1)}); see ${commandHere("status")}`,
    );
  }
  return stepsOf(answer.stdout);
}

/** A whole program for Node: the mail, the mailer and `scripts/rocketchat/mail.js`. */
export async function mailProgram(mail: Mail): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(projectRoot, "scripts/rocketchat/mail.js")],
    bundle: true,
    platform: "node",
    target: "node20",
    write: false,
    logLevel: "silent",
  });
  return `globalThis.mail = ${JSON.stringify(mail)};\n${outputFiles[0]!.text}`;
}

export function stepsOf(output: string): Step[] {
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Step);
}
