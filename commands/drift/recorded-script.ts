/**
 * The script that a recorded step runs, as it is called now. States of 0.3 say `ops/` for `scripts/`, and so do steps whose inputs no
 * release may change; the link `ops` leads what they wrote down to the same file.
 */
export function recordedScript(create: string): string {
  const [, path] = /\b(?:ops|scripts)(\/\S+\.sh)$/.exec(create) ?? [];
  return path === undefined ? "" : `scripts${path}`;
}
