import { type Api, ApiFailure } from "../api";
import type { Kind } from "./kind";

/** A setting of Rocket.Chat, by its id. */
export type SettingValue = string | number | boolean;

interface Answer {
  value: SettingValue;
  /** Newer versions do not tell a secret, but whether there is one (apps/meteor/server/settings/lib/maskSecretSettingValue.ts). */
  hasValue?: boolean;
}

/**
 * Settings that count at once, without a restart. One that leaves the program keeps its value: from then on it is the
 * administrators'.
 */
export const setting: Kind<SettingValue> = {
  async read(api, id, wanted) {
    try {
      const { value, hasValue } = await api.get<Answer>(path(id));
      return hasValue === true && value === "" ? { id, actual: wanted, unseen: true } : { id, actual: value };
    } catch (error) {
      if (error instanceof ApiFailure && error.status === 400) return undefined;
      throw error;
    }
  },
  create: (api, id, value) => write(api, id, value),
  update: (api, id, value) => write(api, id, value),
  remove: () => Promise.resolve(),
};

async function write(api: Api, id: string, value: SettingValue) {
  await api.post(path(id), { value });
  return { id };
}

function path(id: string) {
  return `/api/v1/settings/${encodeURIComponent(id)}` as const;
}
