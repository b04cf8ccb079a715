import { Host } from "../../engine/host";
import { workspaceName } from "../../inventory/rocketchat";
import type { PlainSettings } from "../../settings/schema";

/** From here on Rocket.Chat shows its own users a banner (ee/packages/license/src/AirGappedRestriction.ts). */
const warnedDays = 7;
/** A container that hangs answers no `docker exec`. */
const patienceMs = 30_000;
const fix =
  "let the engine's host reach collector.rocket.chat on port 443, register the workspace, or apply a licence: see docs/workspace.md";

/**
 * That people cannot write, or will not be able to soon: Rocket.Chat counts the days that it goes on without a licence and without its
 * cloud. Nothing where it counts none (-1), has most of them left, or does not answer.
 */
export async function writeFault(settings: PlainSettings): Promise<string[]> {
  const answer = await new Host(settings.engine, settings.helperImage, process.env).node(
    "scripts/rocketchat/public-setting.js",
    workspaceName(settings),
    {
      PORT: String(settings.rocketchat.port),
      SETTING: "Cloud_Workspace_AirGapped_Restrictions_Remaining_Days",
    },
    { limitMs: patienceMs },
  );
  return answer.status === 0 ? faultOf(answer.stdout.trim()) : [];
}

/** @param days As Rocket.Chat tells them; `unknown` where it does not. */
export function faultOf(days: string): string[] {
  if (days === "0")
    return [
      `workspace: nobody can write: its days without a licence and without its cloud are used up; ${fix}`,
    ];
  if (!/^[1-9]\d*$/.test(days) || Number(days) > warnedDays) return [];
  const left = days === "1" ? "1 more day" : `${days} more days`;
  return [
    `workspace: people can write for ${left}: it has neither a licence nor a word from its cloud; ${fix}`,
  ];
}
