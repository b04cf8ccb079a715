import { EnvFileFault } from "./compose-env";

/**
 * Reads a file as `docker run --env-file` does (docker/cli's `pkg/kvfile`): a variable a line, everything behind the first `=` is
 * the value, quotes and blanks too. A name without `=` is taken from the shell of whoever ran docker: it is left out.
 * @throws EnvFileFault that names the line.
 */
export function parseDockerEnv(text: string): Map<string, string> {
  const values = new Map<string, string>();
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const variable = line.trimStart();
    if (variable === "" || variable.startsWith("#")) continue;
    const at = variable.indexOf("=");
    const name = at < 0 ? variable : variable.slice(0, at);
    if (name === "" || /[ \t]/.test(name))
      throw new EnvFileFault(`line ${index + 1}: must be NAME=value, with no blank in the name`);
    if (at >= 0) values.set(name, variable.slice(at + 1));
  }
  return values;
}
