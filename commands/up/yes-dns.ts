import { yesDns } from "../../preflight/public-name";

/** The operator's `--yes-dns`: everything that is started from now on knows, and so does the program. */
export function takesYesDns(): void {
  process.env[yesDns] = "1";
}
