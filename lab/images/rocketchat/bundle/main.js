/**
 * A stand-in for Rocket.Chat, for tests on machines that cannot have the real one.
 *
 * Its contract is what the official image shows to the outside: environment, health, REST, DDP, files and
 * signals. What it takes from the environment beyond the real one's variables:
 * STANDIN_BOOT_MS             milliseconds between a usable database and listening. Default 1500
 * STANDIN_BEHAVES_LIKE        a version of Rocket.Chat whose ways it has: see ways.js. Default: the strictest of all
 * STANDIN_OFFLINE_UNLICENSED  `true`: refuses posts, as a workspace without licence and internet does
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Apps } from "./apps.js";
import { openDatabase } from "./database.js";
import { addSockJsInfo, attachDdp } from "./ddp.js";
import { settleDeployment } from "./deployment.js";
import { readEnvironment, StartRefused } from "./environment.js";
import { Integrations } from "./integrations.js";
import { Memberships } from "./memberships.js";
import { callOutgoingWebhooks } from "./outgoing.js";
import { Permissions } from "./permissions.js";
import { Api } from "./rest/api.js";
import { addAccountRoutes } from "./rest/accounts.js";
import { addAppRoutes } from "./rest/apps.js";
import { addChannelRoutes } from "./rest/channels.js";
import { addFingerprintRoute } from "./rest/fingerprint.js";
import { addHookRoutes } from "./rest/hooks.js";
import { addIntegrationRoutes } from "./rest/integrations.js";
import { addPage } from "./rest/page.js";
import { addPermissionRoutes } from "./rest/permissions.js";
import { addRoomRoutes } from "./rest/rooms.js";
import { addSettingRoutes } from "./rest/settings.js";
import { addStandInRoutes } from "./rest/standin.js";
import { addStatusRoutes } from "./rest/status.js";
import { addTokenRoutes } from "./rest/tokens.js";
import { addUploadRoutes } from "./rest/uploads.js";
import { addUserRoutes } from "./rest/users.js";
import { addVideoConferenceRoutes } from "./rest/video-conference.js";
import { Rooms } from "./rooms.js";
import { DAYS_TO_WRITE, Settings } from "./settings.js";
import { Uploads } from "./uploads.js";
import { Users } from "./users.js";

const { version: own } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

/** As observed on the real server: it ends at once, without draining. PID 1 needs the handlers. */
function handleSignals() {
  process.on("SIGTERM", () => process.exit(143));
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGHUP", () => console.log("SIGHUP ignored"));
}

async function boot() {
  const environment = readEnvironment(process.env);
  const version = environment.behavesLike ?? own;
  console.log(`STAND-IN for Rocket.Chat ${version}, not Rocket.Chat: for tests only`);
  const database = await openDatabase(environment);
  await sleep(environment.bootMs);

  const settings = await Settings.load(database, process.env, environment.rootUrl);
  const permissions = new Permissions(database);
  await permissions.ensureDefaults();
  const rooms = new Rooms(database, permissions);
  await rooms.ensureGeneral();
  const memberships = new Memberships(database);
  const users = new Users(database, settings);
  const admin = await users.seedAdmin(process.env);
  if (admin !== undefined) await memberships.add(admin, await rooms.find("GENERAL"));
  await users.ensureCat();
  await settings.set(DAYS_TO_WRITE, environment.restricted ? 0 : -1);
  await settleDeployment({ database, settings, users, version }, process.env);
  const uploads = new Uploads(database, settings);
  const integrations = new Integrations(database);
  const licence = new Set();
  const apps = new Apps({ database, settings, licence });

  const app = {
    ...{ version, environment, database, settings, users, rooms, uploads },
    ...{ permissions, integrations, memberships, licence, apps },
  };
  callOutgoingWebhooks(app);
  const api = new Api(app);
  addStatusRoutes(api, app);
  addAccountRoutes(api, app);
  addSettingRoutes(api, app);
  addFingerprintRoute(api, app);
  addChannelRoutes(api, app);
  addRoomRoutes(api, app);
  addUserRoutes(api, app);
  addTokenRoutes(api, app);
  addPermissionRoutes(api, app);
  addIntegrationRoutes(api, app);
  addHookRoutes(api, app);
  addUploadRoutes(api, app);
  addAppRoutes(api, app);
  addVideoConferenceRoutes(api, app);
  addStandInRoutes(api, app);
  addSockJsInfo(api);
  addPage(api, app);

  const server = createServer((request, response) => api.handle(request, response));
  // The lab tests long uploads through the ingress; Node's own limit of 300 s a request is not the subject.
  server.requestTimeout = 0;
  attachDdp(server, app);
  server.listen(environment.port, environment.bindIp);
  await once(server, "listening");
  console.log(
    `SERVER RUNNING  version ${version} (stand-in)  Site URL ${settings.get("Site_Url")}  port ${environment.port}`,
  );
}

handleSignals();
boot().catch((error) => {
  console.error(error instanceof StartRefused ? error.message : error);
  process.exit(1);
});
