import { got, type Problem, removeCommand } from "../problems";
import type { PlainSettings } from "../schema";
import type { CrossCheck } from "./check";

/** Settings of Rocket.Chat that the way to meetings decides, where there is one; the keys that say so. */
const settingsOfMeetings = {
  Message_AllowUnrecognizedSlashCommand: "jitsi.triggers",
  VideoConf_Default_Provider: "jitsi.mode",
};

export const jitsiChecks: CrossCheck[] = [
  { keys: ["jitsi.mode", "jitsi.jwt"], problem: ensureTokensByApp },
  ...Object.entries(settingsOfMeetings).map(([id, owner]) => ({
    keys: ["jitsi", `workspace.settings.${id}`],
    problem: ensureDecidedOnce(id, owner),
  })),
];

function ensureTokensByApp({ jitsi }: PlainSettings): Problem | undefined {
  if (jitsi?.jwt === undefined || jitsi.mode === "app") return undefined;
  return {
    key: "jitsi.mode",
    rule: "must be app with jitsi.jwt, since only the app signs tokens and a plain link carries none",
    value: got(jitsi.mode),
    fix: "set jitsi.mode to app, or remove jitsi.jwt",
  };
}

function ensureDecidedOnce(id: string, owner: string) {
  return ({ jitsi, workspace }: PlainSettings): Problem | undefined => {
    const value = workspace.settings?.[id];
    if (jitsi === undefined || value === undefined) return undefined;
    const key = `workspace.settings.${id}`;
    return {
      key,
      rule: `is decided by ${owner} while there is jitsi`,
      value: got(value),
      fix: removeCommand(key),
    };
  };
}
