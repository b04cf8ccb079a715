/** Names the stack that is worked on, to whatever a command of this project starts: Pulumi itself reads it. */
export const stackVariable = "PULUMI_STACK";

/**
 * A command of this project, as an operator types it for a stack. Without `--stack` a command means the stack `local`.
 * @param script Of package.json, such as "up".
 */
export function commandFor(stack: string, script: string, ...args: string[]): string {
  const all = [...(stack === "local" ? [] : ["--stack", stack]), ...args];
  return `npm run ${script}${all.length === 0 ? "" : ` -- ${all.join(" ")}`}`;
}

/**
 * The same for the stack that is worked on, where settings do not come along. Plain `pulumi up` does not say which one that is, and leaves
 * it to the operator to add it.
 */
export function commandHere(script: string): string {
  return commandFor(process.env[stackVariable] ?? "local", script);
}
