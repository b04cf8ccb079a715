import { scheduledBackup } from "./components/backup/backup";
import { chatServer } from "./components/chat/chat-server";
import { frontDoor } from "./components/front-door/front-door";
import { Engine } from "./components/host/engine";
import { hostNote } from "./components/host/host-note";
import { loanGuard } from "./components/host/loan-guard";
import { Networks } from "./components/host/networks";
import { HostSecrets } from "./components/host/secrets";
import { Storage } from "./components/host/storage";
import { mongoServer } from "./components/mongo/chosen-mongo";
import { workspaceDatabase } from "./components/mongo/mongo-database";
import { describedWorkspace } from "./components/workspace/workspace";
import { partNames } from "./inventory";
import { noteOfDatabase, noteOfPlaces } from "./inventory/host";
import { chatSecrets } from "./inventory/rocketchat";
import { preflight } from "./preflight";
import { placesNote } from "./preflight/moved";
import { databaseNote } from "./preflight/other-database";
import { loadSettings } from "./settings/load";
import { plainly } from "./settings/plainly";

export = plainly(async () => {
  const settings = loadSettings();
  await preflight(settings);
  const { admin, hostname, prefix } = settings;

  const engine = new Engine("engine", { host: settings.engine, helperImage: settings.helperImage });
  const networks = new Networks("networks", { engine, prefix });
  const note = { file: noteOfPlaces(settings), text: placesNote(settings) };
  const storage = new Storage("storage", { engine, note });
  const secrets = new HostSecrets("rocketchat-secrets", { engine, directory: chatSecrets(settings) });
  const policy = { length: 24, allClasses: true };
  const adminPassword = secrets.generate("admin-password", policy, admin.passwordGeneration);

  const mongo = mongoServer("mongo", { engine, settings, storage, networks });
  const { server } = mongo;
  const database = workspaceDatabase("database", { server, settings, secrets });
  const front = frontDoor("traefik", { engine, settings, storage, networks });

  const chat = { engine, settings, storage, secrets, adminPassword, server, database, front };
  const { rocketchat, mounts } = chatServer("rocketchat", chat);
  const { containerName, ready } = rocketchat;
  // Not before Rocket.Chat is there: until then another database may be chosen.
  const chosen = { engine, file: noteOfDatabase(settings), text: databaseNote(settings) };
  hostNote("database-note", chosen, { dependsOn: ready });
  front.keepRoot({ hostname, containerName, ready });

  const workspace = describedWorkspace("workspace", {
    settings,
    adminPassword: adminPassword.value,
    after: [ready, adminPassword.ready],
  });
  const copied = { engine, settings, secrets, networks, storage, mounts, mongo: server };
  const backup = scheduledBackup("backup", { ...copied, after: [ready] });

  const parts = [
    networks,
    storage,
    mongo,
    database,
    ...front.parts,
    rocketchat,
    ...workspace.parts,
    ...backup.parts,
  ];
  loanGuard("loan-guard", { engine, networks, containers: partNames(settings), keeps: parts });

  return {
    url: rocketchat.url,
    adminUsername: admin.username,
    adminPassword: adminPassword.value,
    ...workspace.outputs,
    ...backup.outputs,
  };
});
