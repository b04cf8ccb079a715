import { got, type Problem } from "../problems";
import type { PlainSettings } from "../schema";
import type { CrossCheck } from "./check";

/** Rocket.Chat's own account, which posts where nobody else does. */
const builtIn = "rocket.cat";

export const accountChecks: CrossCheck[] = [
  { keys: ["admin.username"], problem: ensureAdministratorOfItsOwn },
  { keys: ["admin.username", "workspace.bots"], problem: ensureBotsOfTheirOwn },
];

function ensureAdministratorOfItsOwn({ admin }: PlainSettings): Problem | undefined {
  if (!isSame(admin.username, builtIn)) return undefined;
  return {
    key: "admin.username",
    rule: "must not be the name of Rocket.Chat's own account",
    value: got(admin.username),
    fix: "choose another, such as admin",
  };
}

/** A bot is the code's as a whole: its roles and its address are put where the account had others. */
function ensureBotsOfTheirOwn({ admin, workspace }: PlainSettings): Problem | undefined {
  const taken = [
    { name: admin.username, whose: "the administrator's" },
    { name: builtIn, whose: "Rocket.Chat's own account's" },
  ];
  for (const bot of Object.keys(workspace.bots)) {
    const holder = taken.find(({ name }) => isSame(name, bot));
    if (holder === undefined) continue;
    return {
      key: `workspace.bots.${bot}`,
      rule: `must not have ${holder.whose} name`,
      value: got(bot),
      fix: "choose another name",
    };
  }
  return undefined;
}

/** Upper and lower case make no other account. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
