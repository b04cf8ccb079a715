import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { MongoDatabase } from "../components/mongo/mongo-database";
import { MongoReplicaSet } from "../components/mongo/mongo-replica-set";
import { HostSecrets } from "../components/host/secrets";
import { ByteSize, Duration } from "../settings/units";
import { anEngine, aResource, aSecret, resources } from "./fixtures";
import { find, graphOf, isSecret, type Node, plain, valueOf, visibleText } from "./graph";

function replicaSet(): MongoReplicaSet {
  const engine = anEngine();
  return new MongoReplicaSet("mongo", {
    engine,
    image: engine.pull("mongo", "mongo:8.0.20"),
    hostname: "mongodb-shared",
    replicaSet: "rs0",
    data: { hostPath: "/opt/mongodb-shared/data", ready: aResource("data") },
    secrets: new HostSecrets("mongo", { engine, directory: "/opt/mongodb-shared/secrets" }),
    network: "data",
    oplogSize: ByteSize.mebibytes(2048),
    cacheSize: ByteSize.mebibytes(256),
    openFiles: 64000,
    resources,
    stopGrace: Duration.minutes(1),
  });
}

describe("MongoReplicaSet", () => {
  let graph: Node[];
  beforeAll(async () => {
    graph = await graphOf(replicaSet);
  });

  it("runs a member with authentication, its key file, its oplog and its cache, on its own network alone", () => {
    const { inputs } = find(graph, "Container", "mongo");

    expect(inputs["command"]).toEqual([
      "mongod",
      "--replSet",
      "rs0",
      "--keyFile",
      "/etc/mongod/keyfile",
      "--bind_ip_all",
      "--oplogSize",
      "2048",
      "--wiredTigerCacheSizeGB",
      "0.25",
    ]);
    expect(inputs["networksAdvanced"]).toEqual([{ name: "data", aliases: ["mongodb-shared"] }]);
    expect(inputs["ports"]).toEqual([]);
    expect(inputs["user"]).toBe("mongodb");
    expect(inputs["stopTimeout"]).toBe(60);
    expect(inputs["ulimits"]).toEqual([{ name: "nofile", soft: 64000, hard: 64000 }]);
    expect(inputs["volumes"]).toEqual([
      { hostPath: "/opt/mongodb-shared/data", containerPath: "/data/db", readOnly: false },
      {
        hostPath: "/opt/mongodb-shared/secrets/keyfile",
        containerPath: "/etc/mongod/keyfile",
        readOnly: true,
      },
    ]);
  });

  it("initiates the set under the name that clients resolve, again for every new container", () => {
    const { inputs } = find(graph, "Command", "mongo-initiate");

    expect(inputs["environment"]).toMatchObject({
      CONTAINER: "mongodb-shared",
      REPLICA_SET: "rs0",
      MEMBER: "mongodb-shared:27017",
      OPLOG_MIB: "2048",
      CONTAINER_ID: "mongo-id",
    });
    expect(JSON.parse(String(plain(inputs)["stdin"]))).toEqual({
      rootPassword: "host-mongo-root-password",
      monitorPassword: "host-mongo-monitor-password",
    });
  });

  it("shows no password outside a secret", () => {
    expect(visibleText(graph)).not.toMatch(/(host|proposed)-mongo-/);
  });
});

describe("MongoDatabase", () => {
  async function database(readsOplog: boolean) {
    let made!: MongoDatabase;
    const graph = await graphOf(() => {
      made = new MongoDatabase("database", {
        server: replicaSet().server,
        database: "chat",
        user: "chatter",
        password: { ...aSecret("pw"), value: pulumi.secret("p@ss/word") },
        workspace: "two-rocketchat",
        readsOplog,
      });
    });
    return { made, graph };
  }

  let without: Awaited<ReturnType<typeof database>>;
  beforeAll(async () => {
    without = await database(false);
  });

  it("hands out a secret address that names the set, the member and the database of the login", async () => {
    const { made } = without;

    expect(await isSecret(made.uri.value)).toBe(true);
    expect(await valueOf(made.uri.value)).toBe(
      "mongodb://chatter:p%40ss%2Fword@mongodb-shared:27017/chat?replicaSet=rs0&authSource=chat&retryWrites=true&w=majority&journal=true&connectTimeoutMS=10000&serverSelectionTimeoutMS=60000",
    );
    // It would end every migration and long query.
    expect(await valueOf(made.uri.value)).not.toContain("socketTimeoutMS");
    expect(await valueOf(made.uri.standIn)).toContain("chatter:generated-pw@");
  });

  it("lets only an application that reads the oplog reach it", async () => {
    const reader = await database(true);

    expect(without.made.oplogUri).toBeUndefined();
    expect(find(without.graph, "Command", "database-user").inputs["environment"]).toMatchObject({
      READS_OPLOG: "false",
    });
    expect(await valueOf(reader.made.oplogUri!.value)).toContain("@mongodb-shared:27017/local?");
    expect(find(reader.graph, "Command", "database-user").inputs["environment"]).toMatchObject({
      READS_OPLOG: "true",
    });
  });

  it("makes the user once the set takes writes, and shows no password", () => {
    const { graph } = without;

    const { opts } = find(graph, "Command", "database-user");
    expect((opts.dependsOn as unknown as { __name: string }[]).map((r) => r.__name)).toEqual([
      "mongo-initiate",
    ]);
    expect(visibleText(graph)).not.toMatch(/p@ss|root-password"?:|host-/);
  });
});
