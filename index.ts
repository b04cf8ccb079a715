import { certificateAuthority } from "./components/certificate-authority";
import { serviceDirectories } from "./components/directories";
import { Engine } from "./components/engine";
import { MongoDatabase } from "./components/mongo-database";
import { MongoReplicaSet } from "./components/mongo-replica-set";
import { Networks } from "./components/networks";
import { RocketChat } from "./components/rocketchat";
import { rocketChatEnvironment } from "./components/rocketchat-environment";
import { livenessPath, readsOplog } from "./components/rocketchat-versions";
import { HostSecrets } from "./components/secrets";
import { Storage } from "./components/storage";
import { TraefikIngress } from "./components/traefik-ingress";
import { loadSettings } from "./settings/load";
import { preflight } from "./settings/preflight";

export = async () => {
  const settings = loadSettings();
  await preflight(settings);
  const { admin, directory, hostname, ingress, mongo, prefix, resources, rocketchat } = settings;

  const engine = new Engine("engine", { host: settings.engine, helperImage: settings.helperImage });
  const images = engine.pullAll({ rocketchat: rocketchat.image, mongo: mongo.image, traefik: ingress.image });
  const networks = new Networks("networks", { engine, prefix });
  const { mounts } = new Storage("storage", { engine, directories: serviceDirectories(settings, images) });
  const mongoSecrets = new HostSecrets("mongo-secrets", { engine, directory: `${mongo.directory}/secrets` });
  const secrets = new HostSecrets("rocketchat-secrets", { engine, directory: `${directory}/secrets` });
  const adminPassword = secrets.generate("admin-password", { length: 24, allClasses: true });
  const mongoPassword = secrets.generate("mongo-password", { length: 32 });

  const replicaSet = new MongoReplicaSet("mongo", {
    ...mongo,
    engine,
    image: images.mongo,
    data: mounts.mongo,
    secrets: mongoSecrets,
    network: networks.data.name,
    resources: resources.mongo,
  });
  const database = new MongoDatabase("database", {
    ...mongo,
    server: replicaSet.server,
    password: mongoPassword,
    readsOplog: readsOplog(rocketchat.version),
  });

  const authority = certificateAuthority("test-ca", {
    engine,
    settings,
    network: networks.edge.name,
    acme: mounts.acme,
  });
  const traefik = new TraefikIngress("traefik", {
    ...ingress,
    challenge: ingress.acme.challenge,
    engine,
    image: images.traefik,
    containerName: `${prefix}traefik`,
    hostnames: [hostname],
    authority,
    network: networks.edge,
    mounts,
    resources: resources.traefik,
  });

  const chat = new RocketChat("rocketchat", {
    ...rocketchat,
    engine,
    image: images.rocketchat,
    containerName: `${prefix}rocketchat`,
    hostname,
    url: settings.url,
    livenessPath: livenessPath(rocketchat.version),
    directory,
    secretsDirectory: secrets.directory,
    mounts,
    environment: rocketChatEnvironment(settings, { database, adminPassword }),
    network: networks.data.name,
    ingress: traefik,
    resources: resources.rocketchat,
    after: [database.ready],
  });
  authority.keepRoot({ hostname, ingress: traefik, containerName: chat.containerName, ready: chat.ready });

  return { url: chat.url, adminUsername: admin.username, adminPassword: adminPassword.value };
};
