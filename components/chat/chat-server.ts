import type { MongoDatabase } from "../mongo/mongo-database";
import type { MongoServer } from "../mongo/mongo-server";
import type { FrontDoor } from "../front-door/front-door";
import type { Engine } from "../host/engine";
import type { HostSecret, HostSecrets } from "../host/secrets";
import type { Mount, Storage } from "../host/storage";
import { workspaceName } from "../../inventory/rocketchat";
import type { Settings } from "../../settings/schema";
import { RocketChat } from "./rocketchat";
import { rocketChatEnvironment } from "./rocketchat-environment";

export interface ChatServerArgs {
  /** Where it is made. */
  engine: Engine;
  /** Those of the whole stack. */
  settings: Settings;
  /** Makes its directories on the host. */
  storage: Storage;
  /** Those of the workspace, beside which its `.env` lies. */
  secrets: HostSecrets;
  /** What the first administrator gets, at the first start alone. */
  adminPassword: HostSecret;
  /** The server that its database is on, and its user there. */
  server: MongoServer;
  /** Its user and its database on the server. */
  database: MongoDatabase;
  /** The door that people come in by. */
  front: FrontDoor;
}

/** Rocket.Chat as the settings describe it, and its directories, which a backup reads. */
export interface ChatServer {
  rocketchat: RocketChat;
  mounts: { uploads: Mount; data: Mount };
}

export function chatServer(name: string, args: ChatServerArgs): ChatServer {
  const { engine, settings, storage, secrets, adminPassword, server, database, front } = args;
  const { rocketchat, uploads } = settings;
  const image = engine.pull("rocketchat", rocketchat.image);
  const mounts = {
    uploads: storage.directory("uploads", { path: uploads.directory, owner: { image } }),
    data: storage.directory("data", { path: rocketchat.dataDirectory, owner: { image } }),
  };
  return {
    mounts,
    rocketchat: new RocketChat(name, {
      engine,
      image,
      containerName: workspaceName(settings),
      hostname: settings.hostname,
      url: settings.url,
      port: rocketchat.port,
      maxUpload: uploads.maxSize,
      directory: settings.directory,
      secretsDirectory: secrets.directory,
      mounts,
      environment: rocketChatEnvironment(settings, { database, adminPassword }),
      network: server.network,
      ingress: front.ingress,
      resources: settings.resources.rocketchat,
      stopGrace: rocketchat.stopGrace,
      after: [database.ready],
    }),
  };
}
