import { existsSync, mkdirSync, rmdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

/**
 * Where a `RemoteHost` mounts its own configuration of ssh. It makes and removes the directory itself; two side by side would remove
 * it under each other, so that here it is there for the whole run.
 */
export default function sshDirectory(): (() => void) | undefined {
  const path = join(userInfo().homedir, ".ssh");
  if (process.argv.includes("list") || existsSync(path)) return undefined;
  mkdirSync(path, { mode: 0o700 });
  return () => rmdirSync(path);
}
