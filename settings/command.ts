/**
 * A command of this project, as an operator types it for a stack. Without `--stack` a command means the stack `local`.
 * @param script Of package.json, such as "up".
 */
export function commandFor(stack: string, script: string, ...args: string[]): string {
  const all = [...(stack === "local" ? [] : ["--stack", stack]), ...args];
  return `npm run ${script}${all.length === 0 ? "" : ` -- ${all.join(" ")}`}`;
}
