import { describe, expect, it } from "vitest";
import type { ContainerFacts } from "../commands/adopt/facts";
import { parseMongoUrl } from "../commands/adopt/mongo-url";
import { leadsTo } from "../commands/adopt/reach";

const login = (user: string, password: string, authSource: string) => ({ user, password, authSource });

// What MongoDB's driver 7.9.0 connects to for each of them.
describe("MONGO_URL is read as the driver reads it", () => {
  it.each([
    ["mongodb://mongo:27017/?replicaSet=rs0", "mongo", 27017, "test", undefined],
    ["mongodb://mongo?replicaSet=rs0", "mongo", 27017, "test", undefined],
    ["mongodb://rocketchat:pw@mongo:27017", "mongo", 27017, "test", login("rocketchat", "pw", "admin")],
    ["mongodb://Mongo:27017/rocketchat", "mongo", 27017, "rocketchat", undefined],
    ["mongodb://mongo:27017/rocket%2Dchat", "mongo", 27017, "rocket-chat", undefined],
    ["mongodb://chat:pw@mongo/rocketchat", "mongo", 27017, "rocketchat", login("chat", "pw", "rocketchat")],
    ["mongodb://chat:pw@mongo/rc?authsource=admin", "mongo", 27017, "rc", login("chat", "pw", "admin")],
    ["mongodb://chat:p%40ss%2F%25@m:27018/rc", "m", 27018, "rc", login("chat", "p@ss/%", "rc")],
    ["mongodb://chat:pässwörd@m/rc", "m", 27017, "rc", login("chat", "pässwörd", "rc")],
    ["mongodb://chat@m/rc", "m", 27017, "rc", login("chat", "", "rc")],
    ["mongodb://rocket_chat-mongo.lan/rc", "rocket_chat-mongo.lan", 27017, "rc", undefined],
    ["mongodb://[::1]:27017/rc", "[::1]", 27017, "rc", undefined],
    ["mongodb://localhost:27017/rc", "localhost", 27017, "rc", undefined],
  ])("%s", (text, host, port, database, user) => {
    expect(parseMongoUrl(text)).toMatchObject({ host, port, database, login: user });
  });

  it("takes the names of options in any case", () => {
    expect(parseMongoUrl("mongodb://m/rc?replicaset=rs0&ReadPreference=primary").options).toEqual({
      replicaset: "rs0",
      readpreference: "primary",
    });
  });
});

describe("a MONGO_URL that cannot be", () => {
  const percent = "write : / ? # [ ] @ in its user and its password as %3A %2F %3F %23 %5B %5D %40";
  it.each([
    [undefined, "must be a variable of the container or of its image (got none); start Rocket.Chat with"],
    ["mongodb+srv://cluster.example.org/rc", "a cluster that is found by DNS); bring its data here first"],
    ["mongodb://a,b/rc", "must name one server (got 2 of them); this program runs a set of one member"],
    ["mongodb://u:hunter2%off@a/rc", "write each % in it that begins no escape as %25"],
    ["mongodb://u:hunter2%ff@a/rc", "write each % in it that begins no escape as %25"],
    ["mongodb://u:hunter2/x@a/rc", percent],
    ["mongodb://u:hunter2@x@a/rc", percent],
    ["mongodb://u:hunter2:x@a/rc", percent],
    ["mongodb://u:hunter2?x@a/rc", percent],
    ["mongodb://u:hunter2", "let it name its server as HOST or HOST:PORT"],
    ["mongodb://%2Ftmp%2Fhunter2.sock/rc", "let it name its server as HOST or HOST:PORT"],
    ["mongodb:///hunter2", "correct it to mongodb://USER:PASSWORD@HOST:27017/DATABASE?OPTIONS"],
    ["mysql://u:hunter2@a/rc", "let it begin with mongodb://"],
    ["hunter2", "let it begin with mongodb://"],
  ])("%s is refused with the way out, and without a part of the password", (text, message) => {
    const refusal = refusalOf(text);
    expect(refusal).toMatch(/^MONGO_URL: must /);
    expect(refusal).toContain(message);
    expect(refusal).not.toMatch(/hunter2|unter/);
  });

  const refusalOf = (text: string | undefined): string => {
    try {
      parseMongoUrl(text);
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
});

describe("the container that it leads to", () => {
  const some = (over: Partial<ContainerFacts>): ContainerFacts => ({
    id: "0123456789abcdef",
    name: "x",
    image: "x",
    imageNames: [],
    imageLabels: {},
    running: true,
    restart: "no",
    env: {},
    ownEnv: {},
    workingDirectory: "/",
    mounts: [],
    command: undefined,
    ports: [],
    networkMode: "bridge",
    networks: [],
    links: [],
    extraHosts: {},
    labels: {},
    memory: 0,
    special: [],
    ...over,
  });
  const bridge = (names: string[]) => ({ name: "bridge", names, gateway: "172.17.0.1", others: [] });
  const published = [{ container: 27017, protocol: "tcp", host: "0.0.0.0:27020" }];
  const mongo = some({ name: "rcmongo", networks: [bridge(["rcmongo", "Db", "172.17.0.2"])] });

  it.each<[string, boolean, Partial<ContainerFacts>, ContainerFacts]>([
    ["rcmongo", true, {}, mongo],
    ["RCMONGO", true, {}, mongo],
    ["db", true, {}, mongo],
    ["172.17.0.2", true, {}, mongo],
    ["rcmongo:27018", false, {}, mongo],
    ["database", true, { links: [{ target: "rcmongo", name: "database" }] }, mongo],
    ["database", false, { links: [{ target: "other", name: "database" }] }, mongo],
    ["database", true, { extraHosts: { database: "172.17.0.2" } }, mongo],
    ["host.docker.internal:27020", false, { extraHosts: { "host.docker.internal": "host-gateway" } }, mongo],
    [
      "host.docker.internal:27020",
      true,
      { extraHosts: { "host.docker.internal": "host-gateway" } },
      some({ ports: published }),
    ],
    ["172.17.0.1:27020", true, { networks: [bridge(["rocketchat"])] }, some({ ports: published })],
    ["172.17.0.1:27017", false, { networks: [bridge(["rocketchat"])] }, some({ ports: published })],
    ["localhost:27020", true, { networkMode: "host" }, some({ ports: published })],
    ["127.0.0.1", true, { networkMode: "host" }, some({ networkMode: "host" })],
    ["localhost", false, {}, some({ networkMode: "host" })],
    ["localhost", true, { networkMode: "container:0123456789abcdef" }, mongo],
    ["mongo.example.org", false, {}, mongo],
  ])("%s: %s", (host, leads, chat, server) => {
    expect(leadsTo(some(chat), server, parseMongoUrl(`mongodb://${host}/rocketchat`))).toBe(leads);
  });
});
