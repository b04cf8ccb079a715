import type { ManagedMongo } from "../../settings/mongo";
import type { PlainSettings } from "../../settings/schema";
import { OperatorError } from "../../terminal/steps";

/** Settings of a stack that runs its own MongoDB, as an adoption needs it: the data become that one's. */
export type Managed = PlainSettings & { mongo: ManagedMongo };

export function isManaged(settings: PlainSettings): settings is Managed {
  return settings.mongo.mode === "managed";
}

/** @throws OperatorError when others run MongoDB. */
export function managed(settings: PlainSettings): Managed {
  if (isManaged(settings)) return settings;
  throw new OperatorError(
    "mongo.mode: must be managed for npm run adopt, which takes over the MongoDB as well (got existing); change it, or leave that MongoDB to whoever runs it",
  );
}
