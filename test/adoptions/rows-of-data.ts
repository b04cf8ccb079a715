import { files, type Row, set, url } from "./row";

/** What they hold, and what their settings say. */
export const data: Row[] = [
  // Data.
  {
    name: "uploads in a volume",
    chat: { volumes: ["rc_uploads:/app/uploads"] },
    settings: files,
    stores: { FileSystem: 4 },
  },
  {
    name: "the database in a volume",
    mongo: { volumes: ["mongo_data:/data/db", "mongo_config:/data/configdb"] },
  },
  { name: "the database in a volume without a name", mongo: { volumes: [":/data/db"] } },
  {
    name: "uploads in a directory at the root",
    chat: { volumes: ["/uploadsRC:/app/uploads"] },
    settings: files,
    stores: { FileSystem: 4 },
  },
  { name: "the database in a directory with a blank", mongo: { volumes: ["/srv/our chat/db:/data/db"] } },
  { name: "the database below root's home", mongo: { volumes: ["/root/chat/db:/data/db"] } },
  {
    name: "uploads in a directory of the system",
    chat: { volumes: ["/var/lib:/app/uploads"] },
    settings: files,
    stores: { FileSystem: 4 },
  },
  {
    name: "a relative path of uploads, mounted",
    chat: { volumes: ["/srv/files:/app/bundle/programs/server/uploads"] },
    settings: { ...files, FileUpload_FileSystemPath: "uploads" },
    stores: { FileSystem: 4 },
    says: "4 files in /srv/files, used where they are",
  },
  {
    name: "a relative path of uploads, in the container",
    settings: { ...files, FileUpload_FileSystemPath: "uploads/" },
    stores: { FileSystem: 4 },
  },
  {
    name: "custom emoji in a directory of another name",
    chat: { volumes: ["/srv/emoji:/emoji"] },
    settings: { EmojiUpload_Storage_Type: "FileSystem", EmojiUpload_FileSystemPath: "/emoji" },
    emoji: 3,
  },
  // MongoDB.
  {
    name: "a mongod without a replica set",
    chat: { env: url("mongodb://mongo:27017/rocketchat") },
    database: { options: {}, set: undefined as never, oplogMib: undefined as never },
  },
  {
    name: "directoryPerDB in mongod.conf",
    database: { options: { ...set, config: "/etc/mongod.conf", storage: { directoryPerDB: true } } },
    accept: ["mongod:storage.directoryPerDB"],
  },
  {
    name: "--wiredTigerDirectoryForIndexes and encryption",
    database: {
      options: {
        ...set,
        storage: { wiredTiger: { engineConfig: { directoryForIndexes: true } } },
        security: { enableEncryption: true, encryptionKeyFile: "/etc/key" },
      },
    },
  },
  {
    name: "compressors, a quiet mongod, diagnostics off",
    database: {
      options: {
        ...set,
        storage: { wiredTiger: { collectionConfig: { blockCompressor: "zstd" } }, syncPeriodSecs: 30 },
        systemLog: { quiet: true },
        setParameter: { diagnosticDataCollectionEnabled: false },
      },
    },
  },
  {
    name: "three members",
    database: { set: { name: "rs0", members: ["mongo:27017", "mongo2:27017", "mongo3:27017"] } },
  },
  { name: "a set named by a number", database: { set: { name: "0", members: ["mongo:27017"] } } },
  {
    name: "another database on the same MongoDB",
    database: {
      databases: [
        { name: "rocketchat", bytes: 1e6 },
        { name: "wiki", bytes: 1e6 },
      ],
    },
  },
  // Logins.
  {
    name: "a login of the database admin, authsource in lower case",
    chat: { env: url("mongodb://chat:hunter2@mongo:27017/rocketchat?authsource=admin") },
    mongo: { env: ["MONGO_INITDB_ROOT_USERNAME=root", "MONGO_INITDB_ROOT_PASSWORD=hunter2"] },
    database: {
      auth: true,
      administrator: { user: "root", password: "hunter2", authSource: "admin" },
      users: [
        { user: "root", db: "admin", roles: ["root"] },
        { user: "chat", db: "admin", roles: ["readWrite"] },
      ],
    },
  },
  {
    name: "a root whose password nobody knows",
    database: { users: [{ user: "root", db: "admin", roles: ["root"] }] },
  },
  {
    name: "no database in MONGO_URL, the data are in test",
    chat: { env: url("mongodb://chat:hunter2%2Fx%25@Mongo:27017") },
    database: { databases: [{ name: "test", bytes: 1e6 }] },
  },
  {
    name: "a database whose name no setting holds",
    chat: { env: url("mongodb://mongo:27017/01chat") },
    database: { databases: [{ name: "01chat", bytes: 1e6 }] },
  },
  {
    name: "a password with a lone percent sign",
    chat: { env: url("mongodb://chat:hunter2%off@mongo/rocketchat") },
  },
  { name: "a password with a slash", chat: { env: url("mongodb://chat:hunter2/x@mongo/rocketchat") } },
  { name: "Atlas", chat: { env: url("mongodb+srv://chat:hunter2@cluster0.example.org/rocketchat") } },
  {
    name: "options of MONGO_URL",
    chat: {
      env: url("mongodb://mongo/rocketchat?replicaset=rs0&readPreference=nearest&ssl=false&maxPoolSize=50"),
    },
  },
  // Addresses.
  { name: "an address of numbers", settings: { Site_Url: "http://203.0.113.5:3000" } },
  {
    name: "an address of numbers, a name given",
    settings: { Site_Url: "http://203.0.113.5:3000" },
    options: { hostname: "chat.example.org" },
    says: "the address is https://chat.example.org: browsers, apps and webhooks that use http://203.0.113.5:3000 must be given it",
  },
  { name: "an underscore in the name", settings: { Site_Url: "https://rocket_chat.example.org" } },
  { name: "below a path", settings: { Site_Url: "https://example.org/chat" } },
  {
    name: "http, a port, capital letters, a dot at the end",
    settings: { Site_Url: "http://Chat.Example.org.:3000/" },
  },
  // .env
  {
    name: "docker run --env-file with a lone quote",
    envFile: "ROOT_URL=https://chat.example.org\nOVERWRITE_SETTING_Site_Name='70s Chat\n",
    says: "/opt/rocketchat/.env, line 2: must end with the quote ' that it begins with",
  },
];
