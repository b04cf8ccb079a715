import { bitnami, files, plain, root, type Row, url } from "./row";

/** How both were started, and from which images. */
export const containers: Row[] = [
  // Compose with directories of the host.
  {
    name: "compose: ./uploads and ./data/db in /srv/chat",
    chat: { volumes: ["/srv/chat/uploads:/app/uploads"] },
    mongo: { volumes: ["/srv/chat/data/db:/data/db"] },
    settings: files,
    stores: { FileSystem: 4 },
  },
  {
    name: "compose: the stock layout in /opt/rocketchat",
    chat: { volumes: ["/opt/rocketchat/uploads:/app/uploads"] },
    mongo: { volumes: ["/opt/rocketchat/data/db:/data/db"] },
    settings: files,
    stores: { FileSystem: 4 },
  },
  { name: "compose: MongoDB in /opt/rocketchat itself", mongo: { volumes: ["/opt/rocketchat:/data/db"] } },
  {
    name: "compose: MongoDB in /opt/mongodb-shared itself, uploads in /opt/rocketchat/data",
    chat: { volumes: ["/opt/rocketchat/data:/app/uploads"] },
    mongo: { volumes: ["/opt/mongodb-shared:/data/db"] },
    settings: files,
    stores: { FileSystem: 4 },
  },
  { name: "compose: everything below /opt/traefik", mongo: { volumes: ["/opt/traefik/mongo:/data/db"] } },
  { name: "compose: the database in /opt itself", mongo: { volumes: ["/opt:/data/db"] } },
  {
    name: "compose: the database around everything of ours",
    mongo: { volumes: ["/srv/all:/data/db"] },
    options: { directory: "/srv/all/rocketchat", mongoDirectory: "/srv/all/mongo" },
  },
  {
    name: "compose: uploads around the database",
    chat: { volumes: ["/srv/chat:/app/uploads"] },
    mongo: { volumes: ["/srv/chat/db:/data/db"] },
    settings: files,
    stores: { FileSystem: 4 },
  },
  {
    name: "compose v1 with Traefik's labels, a start loop and a memory limit",
    chat: {
      command: [
        "bash",
        "-c",
        "for i in `seq 1 30`; do node main.js && s=$? && break || s=$?; sleep 5; done; (exit $s)",
      ],
      labels: { "com.docker.compose.project.working_dir": "/srv/chat", "traefik.enable": "true" },
      memory: 3 * 1024 ** 3,
    },
  },
  {
    name: "GridFS, and the volume that the image makes at /app/uploads",
    chat: { volumes: [":/app/uploads"] },
  },
  // docker run.
  {
    name: "docker run --link rcmongo:db, the default network",
    chat: {
      network: "bridge",
      links: ["rcmongo:db"],
      env: url("mongodb://db:27017/rocketchat?replicaSet=rs0"),
    },
    mongo: { name: "rcmongo", network: "bridge" },
    says: "link of rocketchat to rcmongo",
  },
  {
    name: "docker run --link on a network",
    chat: { links: ["rcmongo:database"], env: url("mongodb://database/rocketchat") },
    mongo: { name: "rcmongo" },
  },
  {
    name: "docker run --link to another container",
    chat: { network: "bridge", links: ["rcmongo:db", "hubot:bot"], env: url("mongodb://db/rocketchat") },
    mongo: { name: "rcmongo", network: "bridge" },
  },
  {
    name: "both on the host's network",
    chat: { network: "host", env: url("mongodb://localhost:27017/rocketchat") },
    mongo: { network: "host" },
  },
  {
    name: "both on the host's network, accepted",
    chat: { network: "host", env: url("mongodb://localhost:27017/rocketchat") },
    mongo: { network: "host" },
    accept: ["option:NetworkMode"],
  },
  {
    name: "MongoDB by its published port, host.docker.internal",
    chat: {
      extraHosts: ["host.docker.internal:host-gateway"],
      env: url("mongodb://host.docker.internal:27020/rocketchat"),
    },
    mongo: { ports: ["127.0.0.1:27020:27017"] },
  },
  {
    name: "MongoDB by its published port, accepted",
    chat: {
      extraHosts: ["host.docker.internal:host-gateway"],
      env: url("mongodb://host.docker.internal:27020/rocketchat"),
    },
    mongo: { ports: ["127.0.0.1:27020:27017"] },
    accept: ["port:27017"],
  },
  { name: "a name of somebody's DNS", chat: { env: url("mongodb://mongo.example.org/rocketchat") } },
  // Images.
  { name: "MONGO_URL and PORT from Rocket.Chat's image", chat: { env: [root] } },
  {
    name: "Docker's official image, MONGO_URL from it",
    chatImage: "dockerOfficial",
    chat: { image: "rocket.chat:8.6.2", env: [root] },
    mongo: { name: "db" },
    database: { databases: [{ name: "meteor", bytes: 1e6 }] },
    says: "Docker's image of it lacks what the health check needs",
  },
  {
    name: "Docker's official image as latest",
    chatImage: "dockerOfficial",
    chat: { image: "rocket.chat:latest", env: url("mongodb://db:27017/meteor") },
    mongo: { name: "db" },
    database: { databases: [{ name: "meteor", bytes: 1e6 }] },
    says: "rocketchat/rocket.chat:8.6.2",
  },
  {
    name: "rocketchat/rocket.chat:latest, nothing tells its version",
    chat: { image: "rocketchat/rocket.chat:latest" },
  },
  {
    name: "rocketchat/rocket.chat:latest, the version given",
    chat: { image: "registry.rocket.chat/rocketchat/rocket.chat:latest" },
    options: { rocketchatVersion: "8.5.3" },
  },
  {
    name: "moving tags with the digests that a bot keeps",
    chat: { image: `rocketchat/rocket.chat:latest@sha256:${"ab".repeat(32)}` },
    mongo: { image: `docker.io/library/mongo:8.0@sha256:${"cd".repeat(32)}` },
    options: { rocketchatVersion: "8.5.3" },
  },
  {
    name: "digests without a tag, and beside the version's",
    chat: { image: `registry.rocket.chat/rocketchat/rocket.chat@sha256:${"ab".repeat(32)}` },
    mongo: { image: `mongo:8.0.20-noble@sha256:${"cd".repeat(32)}` },
    options: { rocketchatVersion: "8.5.3" },
  },
  {
    name: "an image of their own",
    chat: { image: "registry.example.org:5000/team/chat:8.5.3-brand" },
    says: "Rocket.Chat 8.5.3, image registry.example.org:5000/team/chat:8.5.3-brand",
  },
  {
    name: "an image of their own, a tag that moves",
    chat: { image: "ghcr.io/team/chat:stable", digests: [`ghcr.io/team/chat@sha256:${"ab".repeat(32)}`] },
    options: { rocketchatVersion: "8.5.3" },
  },
  {
    name: "an image of their own, built there",
    chat: { image: "our-chat" },
    options: { rocketchatVersion: "8.5.3" },
  },
  { name: "MongoDB of their own image", mongo: { image: "registry.example.org/db/mongod:8.0.20-fips" } },
  {
    name: "bitnami's MongoDB in a directory",
    mongoImage: "bitnami",
    mongo: {
      image: "bitnamilegacy/mongodb:8.0.13",
      volumes: ["/srv/mongodb:/bitnami/mongodb"],
      env: [
        "MONGODB_REPLICA_SET_MODE=primary",
        "MONGODB_REPLICA_SET_NAME=rs0",
        "MONGODB_ADVERTISED_HOSTNAME=mongo",
        "ALLOW_EMPTY_PASSWORD=yes",
      ],
    },
    database: { version: "8.0.13", options: bitnami },
  },
  {
    name: "bitnami's MongoDB in a volume",
    mongoImage: "bitnami",
    mongo: {
      image: "docker.io/bitnami/mongodb:8.0",
      volumes: ["mongodb_data:/bitnami/mongodb"],
      env: ["MONGODB_REPLICA_SET_MODE=primary", "MONGODB_ROOT_PASSWORD=hunter2"],
    },
    database: { version: "8.0.13", options: bitnami },
  },
  {
    name: "Rocket.Chat's compose of 2026: community server in a volume, NATS, metrics",
    mongoImage: "community",
    chat: {
      image: "registry.rocket.chat/rocketchat/rocket.chat:8.0.1",
      env: [...plain, "TRANSPORTER=monolith+nats://nats:4222", "DEPLOY_PLATFORM=compose"],
      ports: ["0.0.0.0:3000:3000", "0.0.0.0:9458:9458"],
    },
    mongo: { image: "mongodb/mongodb-community-server:8.2-ubi8", volumes: ["mongodb_data:/data/db"] },
    database: { version: "8.2.1", compatibility: "8.2" },
  },
  {
    name: "Percona's MongoDB",
    mongo: { image: "percona/percona-server-mongodb:8.0.12-4" },
    database: { version: "8.0.12-4" },
  },
  // Versions.
  { name: "Rocket.Chat 6", chat: { image: "rocketchat/rocket.chat:6.13.1" }, database: { version: "6.0.5" } },
  {
    name: "MongoDB 6 under Rocket.Chat 8.5",
    mongo: { image: "mongo:6.0" },
    database: { version: "6.0.27", compatibility: "6.0" },
  },
  {
    name: "MongoDB 6 under Rocket.Chat 8.5, bypassed",
    chat: { env: [...plain, "BYPASS_MONGO_VALIDATION=true"] },
    mongo: { image: "mongo:6.0" },
    database: { version: "6.0.27", compatibility: "6.0" },
  },
];
