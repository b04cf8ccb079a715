import { EnvFileFault, parseComposeEnv } from "./compose-env";
import { parseDockerEnv } from "./docker-env";

export interface EnvFile {
  path: string;
  text: string;
}

/**
 * Reads `.env` as whoever started the container did: compose, or `docker run --env-file`, which knows no quotes. A file that is not
 * one to it may have been made for the other.
 * @returns Also what compose cannot read in it, with file and line and without a value: whoever uses it next should know.
 */
export function readEnvFile(
  { path, text }: EnvFile,
  isCompose: boolean,
): { values: Map<string, string>; fault?: string } {
  const [compose, docker] = [attempt(parseComposeEnv, text), attempt(parseDockerEnv, text)];
  const [first, second] = isCompose ? [compose, docker] : [docker, compose];
  const values = first.values ?? second.values;
  if (values === undefined) return { values: new Map(), fault: `${path}, ${first.fault}` };
  if (compose.fault === undefined) return { values };
  return {
    values,
    fault: `${path}, ${compose.fault}, as docker compose reads it (docker run --env-file takes it as it stands)`,
  };
}

function attempt(
  read: (text: string) => Map<string, string>,
  text: string,
): { values?: Map<string, string>; fault?: string } {
  try {
    return { values: read(text) };
  } catch (error) {
    if (error instanceof EnvFileFault) return { fault: error.message };
    throw error;
  }
}
