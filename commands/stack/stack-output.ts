import { commandFor } from "../../settings/command";
import type { Stack } from "./stack";
import { capture, OperatorError } from "../../terminal/steps";

/** An output that is no secret, as the state has it. */
export async function stackOutput({ name, env }: Stack, output: string): Promise<string> {
  const answer = await capture({ command: "pulumi", args: ["stack", "output", output], env });
  if (answer.status !== 0)
    throw new OperatorError(
      `${answer.stderr.trim()}\npulumi stack output ${output}: failed (status ${answer.status}); run ${commandFor(name, "up")} again`,
    );
  return answer.stdout.trim();
}
