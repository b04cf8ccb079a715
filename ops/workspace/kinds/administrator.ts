import { OperatorError } from "../../lib/steps";
import { tryPassword, type Vault } from "../session";
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
export function administrator(vault: Vault): Kind<Password> {
  return {
    async read(_api, name) {
      const pending = await vault.read(`${file}.next`);
      const generation = Number((await vault.read(`${file}.generation`)) ?? 1);
      return { id: name, actual: { generation: pending === undefined ? generation : generation - 1 } };
    },

    create: () => Promise.reject(new Error("the administrator is made by Rocket.Chat's first start")),

    async update(api, name, { generation }) {
      const next = await vault.read(`${file}.next`);
      if (next === undefined) {
        throw new OperatorError(
          `admin.passwordGeneration: must not be lower than the one on the host (got ${generation}); set it to the generation that ${file}.generation on the host names, or higher`,
        );
      }
      const { _id: userId, username } = await api.get<{ _id: string; username: string }>("/api/v1/me");
      if ((await tryPassword(api, username, next)) === undefined)
        await api.post("/api/v1/users.update", { userId, data: { password: next } });
      await vault.promote(file, generation);
      return { id: name };
    },

    remove: () => Promise.resolve(),
  };
}
