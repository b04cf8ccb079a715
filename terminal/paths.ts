import { homedir } from "node:os";
import { join } from "node:path";

/** The project's own directory: every command of `commands/run.mjs` starts there. */
export const projectRoot = join(__dirname, "..");

/** Logs and the state of the stack `local`; ignored by git. */
export const stateDirectory = join(projectRoot, ".state");

/** What is expensive to make, shared by all clones. */
export const cacheDirectory = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "rocketchat-lab",
);
