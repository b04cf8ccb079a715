import { scheduledBackup } from "./components/backup/backup";
import { mongoServer } from "./components/mongo/chosen-mongo";
import { Engine } from "./components/host/engine";
import { frontDoor } from "./components/front-door/front-door";
import { hostNote } from "./components/host/host-note";
import { loanGuard } from "./components/host/loan-guard";
import { MongoDatabase } from "./components/mongo/mongo-database";
import { Networks } from "./components/host/networks";
import { RocketChat } from "./components/chat/rocketchat";
import { rocketChatEnvironment } from "./components/chat/rocketchat-environment";
import { readsOplog } from "./settings/rocketchat-versions";
import { HostSecrets } from "./components/host/secrets";
import { Storage } from "./components/host/storage";
import { describedWorkspace } from "./components/workspace/workspace";
import { partNames } from "./inventory";
import { noteOfDatabase, noteOfPlaces } from "./inventory/host";
import { chatSecrets, workspaceName } from "./inventory/rocketchat";
import { loadSettings } from "./settings/load";
import { plainly } from "./settings/plainly";
import { preflight } from "./preflight";
import { placesNote } from "./preflight/moved";
import { databaseNote } from "./preflight/other-database";

export = plainly(async () => {
  const settings = loadSettings();
  await preflight(settings);
  const { admin, directory, hostname, prefix, rocketchat } = settings;
  const owner = workspaceName(settings);

  const engine = new Engine("engine", { host: settings.engine, helperImage: settings.helperImage });
  const image = engine.pull("rocketchat", rocketchat.image);
  const networks = new Networks("networks", { engine, prefix });
  const storage = new Storage("storage", {
    engine,
    note: { file: noteOfPlaces(settings), text: placesNote(settings) },
  });
  const secrets = new HostSecrets("rocketchat-secrets", { engine, directory: chatSecrets(settings) });
  const shape = { length: 24, allClasses: true };
  const adminPassword = secrets.generate("admin-password", shape, admin.passwordGeneration);
  const mongoPassword = secrets.generate("mongo-password", { length: 32 });

  const mongo = mongoServer("mongo", { engine, settings, storage, networks });
  const database = new MongoDatabase("database", {
    ...settings.mongo,
    server: mongo.server,
    password: mongoPassword,
    workspace: owner,
    readsOplog: readsOplog(rocketchat.version),
  });
  const front = frontDoor("traefik", { engine, settings, storage, networks });

  const mounts = {
    uploads: storage.directory("uploads", { path: settings.uploads.directory, owner: { image } }),
    data: storage.directory("data", { path: rocketchat.dataDirectory, owner: { image } }),
  };
  const chat = new RocketChat("rocketchat", {
    ...rocketchat,
    engine,
    image,
    containerName: owner,
    hostname,
    url: settings.url,
    maxUpload: settings.uploads.maxSize,
    directory,
    secretsDirectory: secrets.directory,
    mounts,
    environment: rocketChatEnvironment(settings, { database, adminPassword }),
    network: mongo.server.network,
    ingress: front.ingress,
    resources: settings.resources.rocketchat,
    after: [database.ready],
  });
  // Not before Rocket.Chat is there: until then another database may be chosen.
  hostNote(
    "database-note",
    { engine, file: noteOfDatabase(settings), text: databaseNote(settings) },
    { dependsOn: chat.ready },
  );
  const workspace = describedWorkspace("workspace", {
    settings,
    adminPassword: adminPassword.value,
    after: [chat.ready, adminPassword.ready],
  });
  front.keepRoot({ hostname, containerName: chat.containerName, ready: chat.ready });

  const backup = scheduledBackup("backup", {
    engine,
    settings,
    secrets,
    networks,
    storage,
    mounts,
    mongo: mongo.server,
    after: [chat.ready],
  });

  loanGuard("loan-guard", {
    engine,
    networks,
    containers: partNames(settings),
    keeps: [networks, storage, mongo, database, ...front.parts, chat, ...workspace.parts, ...backup.parts],
  });

  return {
    url: chat.url,
    adminUsername: admin.username,
    adminPassword: adminPassword.value,
    ...workspace.outputs,
    ...backup.outputs,
  };
});
