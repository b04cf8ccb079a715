import { OperatorError } from "../../terminal/steps";
import { type Api, ApiFailure } from "../api";
import { SecondFactorWanted, tryPassword, type Vault } from "../session";
import type { Kind } from "./kind";

/** Which generated password of the administrator counts. */
export interface Password {
  generation: number;
}

const file = "admin-password";

/**
 * The administrator's password. The host keeps it, and proposes the next one beside it. Killed anywhere, a repeat
 * finishes: the password that Rocket.Chat has is in one of the two files.
 */
export function administrator(vault: Vault, username: string): Kind<Password> {
  return {
    /** One that waits must be taken over, whichever is wanted now: it is the one that deployments show. The first is any. */
    async read(_api, name, wanted) {
      const found = (generation: number) => ({ id: name, actual: { generation } });
      const pending = await vault.read(`${file}.next`);
      if (pending !== undefined) return found(wanted.generation - 1);
      if (wanted.generation === 1) return found(1);
      return found(Number((await vault.read(`${file}.generation`)) ?? 1));
    },

    create: () => Promise.reject(new Error("the administrator is made by Rocket.Chat's first start")),

    async update(api, name, { generation }) {
      const next = await vault.read(`${file}.next`);
      if (next === undefined) {
        throw new OperatorError(
          `admin.passwordGeneration: must not be lower than the one on the host (got ${generation}); set it to the generation that ${file}.generation on the host names, or higher`,
        );
      }
      if (!(await isPassword(api, username, next)))
        await api.post("/api/v1/users.update", {
          userId: await idOf(api, username),
          data: { password: next },
        });
      await vault.promote(file, generation);
      return { id: name };
    },

    remove: () => Promise.resolve(),
  };
}

/** A right password of somebody with a second factor is answered with the question for it. */
async function isPassword(api: Api, username: string, password: string): Promise<boolean> {
  try {
    return (await tryPassword(api, username, password)) !== undefined;
  } catch (error) {
    if (error instanceof SecondFactorWanted) return true;
    throw error;
  }
}

/** Deployments may work by another administrator's token; the password is that of the one whom the settings name. */
async function idOf(api: Api, username: string): Promise<string> {
  try {
    return (await api.get<{ user: { _id: string } }>("/api/v1/users.info", { username })).user._id;
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 400) throw error;
    throw new OperatorError(
      `admin.username: must be an account of the workspace (got ${username}: ${error.reason}); correct it`,
    );
  }
}
