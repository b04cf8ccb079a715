import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { find, type Node, plain, visibleText } from "./graph";
import { programWith, waitsFor } from "./program";
import { stackConfig } from "./settings-stack-file";

function programOf(stack: string, over: Record<string, string> = {}) {
  return programWith({ ...stackConfig(stack), ...over });
}

describe("the program", () => {
  let prod: Node[];
  beforeAll(async () => {
    prod = await programOf("prod");
  });

  it("makes exactly these resources for prod", () => {
    const inventory = prod
      .filter(({ type }) => type !== "pulumi:pulumi:Stack")
      .map(({ type, name, parent }) => `${parent ?? "-"} > ${type.split(":").at(-1)} ${name}`)
      .sort();
    expect(`${inventory.join("\n")}\n`).toBe(readFileSync(join(__dirname, "inventory", "prod.txt"), "utf8"));
  });

  it("gives prod the names, places and port of its handbook", () => {
    expect(find(prod, "docker", "engine").inputs["host"]).toBe("ssh://root@srv759970.hstgr.cloud");
    expect(find(prod, "Container", "rocketchat").inputs["name"]).toBe("rocketchat");
    expect(find(prod, "Container", "mongo").inputs["name"]).toBe("mongodb-shared");
    const env = String(plain(find(prod, "Command", "rocketchat-env").inputs)["stdin"]);
    expect(env).toContain("PORT='3002'\n");
    expect(env).toContain("UV_THREADPOOL_SIZE='16'\n");
    expect(env).toContain("ROOT_URL='https://chat.srv759970.hstgr.cloud'\n");
    expect(env).toContain(
      "MONGO_URL='mongodb://rocketchat:host-rocketchat-secrets-mongo-password@mongodb-shared:27017/rocketchat" +
        "?replicaSet=rs0&authSource=rocketchat&retryWrites=true&w=majority&journal=true&connectTimeoutMS=10000&serverSelectionTimeoutMS=60000'\n",
    );
    expect(env).toContain("AUTO_ACCEPT_FINGERPRINT='true'\n");
    expect(env).not.toMatch(/MONGO_OPLOG_URL|Jitsi|BYPASS/);
    const files = find(prod, "Container", "rocketchat").inputs["volumes"] as { hostPath: string }[];
    expect(files.map(({ hostPath }) => hostPath)).toEqual([
      "/opt/rocketchat/uploads",
      "/opt/rocketchat/data",
      "/opt/rocketchat/.env",
    ]);
  });

  it("leaves uploads, emoji and sounds in the store that the settings name", async () => {
    const uploads = JSON.stringify({
      storage: "GridFS",
      soundStorage: "GridFS",
      directory: "/srv/chat/files",
    });
    const graph = await programOf("prod", { uploads });

    const env = String(plain(find(graph, "Command", "rocketchat-env").inputs)["stdin"]);
    expect(env).toContain("OVERWRITE_SETTING_FileUpload_Storage_Type='GridFS'\n");
    expect(env).toContain("OVERWRITE_SETTING_CustomSounds_Storage_Type='GridFS'\n");
    expect(env).toContain("OVERWRITE_SETTING_EmojiUpload_Storage_Type='FileSystem'\n");
    const mounts = find(graph, "Container", "rocketchat").inputs["volumes"] as { hostPath: string }[];
    expect(mounts[0]?.hostPath).toBe("/srv/chat/files");
  });

  it("notes on the host where its directories are before it makes any, and anew only when one moves", async () => {
    const note = (graph: Node[]) => plain(find(graph, "Command", "storage-note").inputs);
    expect(note(prod)).toMatchObject({
      environment: { FILE: "/var/lib/rocketchat-places/test.rocketchat.tsv", MODE: "0644", OWNER: "0:0" },
      stdin: expect.stringContaining("\nuploads.directory\t/opt/rocketchat/uploads\n") as string,
    });
    expect(note(prod)).not.toHaveProperty("delete");
    for (const role of ["acme", "data", "mongo", "uploads"])
      expect(waitsFor(find(prod, "Command", `storage-${role}`))).toContain("storage-note");

    const other = await programOf("prod", {
      hostname: "other.example.org",
      resources: '{"rocketchat":{"memory":"3 GiB"}}',
      uploads: '{"maxSize":"7 MiB","storage":"GridFS"}',
      ingress:
        '{"version":"3.7.15","acme":{"email":"a@example.org","challenge":"http"},"httpsPort":8443,"drain":"1s"}',
    });
    expect(note(other)).toEqual(note(prod));
    const moved = await programOf("prod", { uploads: '{"directory":"/srv/chat/files"}' });
    expect(note(moved)["stdin"]).toContain("\nuploads.directory\t/srv/chat/files\n");
  });

  it("notes its database once Rocket.Chat is there, so that until then another one may be chosen", () => {
    const note = find(prod, "Command", "database-note");
    expect(plain(note.inputs)).toMatchObject({
      environment: { FILE: "/var/lib/rocketchat-places/test.rocketchat.database.tsv", MODE: "0644" },
      stdin:
        "mongo.mode\tmanaged\nmongo.database\trocketchat\nmongo.hostname\tmongodb-shared\nmongo.replicaSet\trs0\n",
    });
    expect(waitsFor(note)).toContain("rocketchat-wizard");
  });

  it("shows no secret outside a secret", () => {
    expect(visibleText(prod)).not.toMatch(/(host|proposed)-(mongo|rocketchat)-secrets/);
  });

  it("tells a Rocket.Chat that reads the oplog where it is", async () => {
    const graph = await programOf("prod", { rocketchat: '{"version":"7.13.9","port":3002}' });

    expect(plain(find(graph, "Command", "rocketchat-env").inputs)["stdin"]).toContain(
      "/local?replicaSet=rs0",
    );
  });

  it("runs a test CA where the settings name one, and keeps its root once the workspace answers", async () => {
    const graph = await programOf("local");

    expect(find(graph, "Container", "test-ca").inputs["name"]).toBe("local-test-ca");
    expect(waitsFor(find(graph, "Command", "test-ca-root"))).toEqual(["rocketchat-wizard"]);
  });
});
