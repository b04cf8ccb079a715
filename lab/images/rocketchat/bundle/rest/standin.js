import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { DAYS_TO_WRITE } from "../settings.js";
import { readJson, sendJson } from "./api.js";

const bootId = randomUUID();

/** What tests ask of the stand-in itself; Rocket.Chat has nothing of it. */
export function addStandInRoutes(api, { settings, licence, apps, users }) {
  const whoAnswers = () => ({ bootId, pid: process.pid });

  /** What the environment says that Rocket.Chat would take without a word and nobody can have meant. */
  api.route("GET", "/standin/report", {}, ({ response }) => sendJson(response, 200, settings.report));

  /** The endpoints that there are. */
  api.route("GET", "/standin/routes", {}, () => ({ routes: api.routes() }));

  /** The calls that would change something, since the start. */
  api.route("GET", "/standin/writes", {}, () => ({ writes: api.writes }));

  /** Gives the workspace modules of a licence, until it stops. */
  api.route("POST", "/standin/licence", {}, async ({ request }) => {
    const { modules } = await readJson(request);
    for (const name of modules) licence.add(name);
    return { modules: [...licence] };
  });

  /** Gives a user an authenticator, as they would do it at their account, or takes it away. */
  api.route("POST", "/standin/authenticator", {}, async ({ request }) => {
    const { username, enabled } = await readJson(request);
    await users.setAuthenticator(await users.byName(username), enabled);
    return { username, enabled };
  });

  /** Lets the countdown to read-only stand at a number of days, until the next start. */
  api.route("POST", "/standin/days-to-write", {}, async ({ request }) => {
    const { days } = await readJson(request);
    await settings.set(DAYS_TO_WRITE, days);
    return { days };
  });

  /** Registers the workspace with Rocket.Chat's cloud, or not any more. */
  api.route("POST", "/standin/registration", {}, async ({ request }) => {
    const { registered } = await readJson(request);
    for (const name of ["Id", "Secret"]) {
      await settings.set(`Cloud_Workspace_Client_${name}`, registered ? "of-the-cloud" : "");
    }
    return { registered: apps.registered() };
  });

  /** Enables apps that do nothing but count. */
  api.route("POST", "/standin/apps", {}, async ({ request }) => {
    const { count } = await readJson(request);
    await apps.fill(count);
    return { count };
  });

  api.route("GET", "/standin/boot", {}, whoAnswers);

  /** Answers after `ms`, by default 5000: a request in flight. */
  api.route("GET", "/standin/slow", {}, async ({ query }) => {
    await sleep(Number(query.get("ms") ?? 5000));
    return whoAnswers();
  });
}
