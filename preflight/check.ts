import type { Problem } from "../settings/problems";
import type { PlainSettings } from "../settings/schema";
import type { HostFacts } from "./host-facts";

/** What may not be as the settings need it. Looks and changes nothing; says nothing about parts that others run. */
export type Check = (settings: PlainSettings, host: HostFacts) => Problem[] | Promise<Problem[]>;
