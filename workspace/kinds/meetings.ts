import { OperatorError } from "../../terminal/steps";
import { type Api, ApiFailure } from "../api";
import {
  type App,
  appAsWanted,
  configureApp,
  findApp,
  isEnabled,
  obtainApp,
  removeApp,
  whyNoApp,
} from "../jitsi/app";
import { ensureLink, findLink, linkAsWanted, removeLink } from "../jitsi/link";
import type { Meetings } from "../jitsi/meetings";
import type { Kind, Made } from "./kind";

const id = "jitsi";

/**
 * The way to a meeting: Rocket.Chat's Jitsi app, or a webhook that answers with a link; never both. The answer says which one it is,
 * and why it is not the app.
 */
export const meetings: Kind<Meetings> = {
  async read(api, _name, wanted, _id, last) {
    const [app, link] = [await appFor(api, wanted), await findLink(api)];
    if (app === undefined && link === undefined) return undefined;
    const met = app === undefined && wanted.mode === "auto" ? refusalIn(last) : undefined;
    const why = (await whyLink(api, wanted, app)) ?? met;
    const answer = answerOf(why === undefined ? app : undefined, wanted, why ?? "the app is not installed");
    const found = (actual: Meetings) => ({ id, answer, actual });

    if (why === undefined) {
      if (app === undefined) return found({ ...wanted, mode: "link" });
      const actual = await appAsWanted(api, wanted, app);
      return found(link === undefined ? actual : { ...actual, mode: "app and link" });
    }
    if (link === undefined)
      return found({ ...wanted, mode: app !== undefined && isEnabled(app) ? "app" : "none" });
    const actual = await linkAsWanted(api, wanted, link);
    return found(app !== undefined && wanted.mode === "link" ? { ...actual, mode: "app and link" } : actual);
  },

  create: (api, _name, wanted) => converge(api, wanted),
  update: (api, _name, wanted) => converge(api, wanted),

  async remove(api, _name, old) {
    await removeLink(api);
    if ((await appFor(api, old)) !== undefined) await removeApp(api);
  },
};

/** The app, if it is there. A link needs nothing of `/api/apps`: a server that refuses to tell of apps has none for it. */
async function appFor(api: Api, { mode }: Meetings): Promise<App | undefined> {
  try {
    return await findApp(api);
  } catch (error) {
    if (mode === "link" && error instanceof ApiFailure) return undefined;
    throw error;
  }
}

/** What is new is there before what was is gone. */
async function converge(api: Api, wanted: Meetings): Promise<Made> {
  const present = await appFor(api, wanted);
  const why = (await whyLink(api, wanted, present)) ?? (await byApp(api, wanted, present));
  if (why === undefined) {
    await configureApp(api, wanted);
    await removeLink(api);
    return { id, answer: answerOf(await findApp(api), wanted, "the app is not installed") };
  }
  await ensureLink(api, wanted, await findLink(api));
  if (wanted.mode === "link" && present !== undefined) await removeApp(api);
  return { id, answer: answerOf(undefined, wanted, why) };
}

/** @returns undefined when it is the app's turn. */
async function whyLink(api: Api, wanted: Meetings, app: App | undefined): Promise<string | undefined> {
  if (wanted.mode === "link") return "jitsi.mode says so";
  if (wanted.mode === "app" || (app !== undefined && isEnabled(app))) return undefined;
  return whyNoApp(api);
}

/** @returns undefined when the app is there. */
async function byApp(api: Api, wanted: Meetings, present: App | undefined): Promise<string | undefined> {
  try {
    await obtainApp(api, wanted, present);
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    const working = present !== undefined && isEnabled(present);
    if (wanted.mode === "auto" && !working) return error.message;
    if (working) {
      throw new OperatorError(
        `jitsi.appVersion: ${wanted.appVersion} must be to be had from the marketplace (got ${error.message}); set it to ${present.version}, which is installed`,
      );
    }
    throw new OperatorError(
      `jitsi.mode: app needs a workspace that is registered with Rocket.Chat's cloud and reaches it (got ${error.message}); ` +
        "register it as docs/jitsi.md tells, or set jitsi.mode to auto",
    );
  }
}

/** Pulumi shows the first 150 characters. */
function answerOf(app: App | undefined, wanted: Meetings, why: string): string {
  if (app !== undefined) return `the Jitsi app ${app.version}: the camera button and /jitsi`;
  const words = wanted.triggers.map((word) => `${word} Name`).join(" or ");
  return `a link, by ${words}: ${why}; for the camera button see docs/jitsi.md`;
}

/** Why the app could not be had when it was asked for, as `answerOf` told it: nothing but asking again would tell. */
function refusalIn(answer: string | undefined): string | undefined {
  return /: (POST \/api\/apps.*); for the camera button/s.exec(answer ?? "")?.[1];
}
