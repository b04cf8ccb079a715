import type { Api } from "../api";
import { acceptFingerprint, isPending } from "../fingerprint";
import type { Kind } from "./kind";

/** That this is the workspace it was, whatever its address and its database. */
export interface Fingerprint {
  accepted: boolean;
}

/** @param server Nobody's session: only a question that is open needs an administrator. */
export function fingerprint(server: Api): Kind<Fingerprint> {
  return {
    read: async (_api, name) => ({ id: name, actual: { accepted: !(await isPending(server)) } }),

    create: () => Promise.reject(new Error("the fingerprint is made by Rocket.Chat's first start")),

    async update(api, name) {
      const said = await acceptFingerprint(server, () => Promise.resolve(api));
      if (said !== undefined) console.error(`${name}: ${said}`);
      return { id: name };
    },

    remove: () => Promise.resolve(),
  };
}
