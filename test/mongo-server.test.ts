import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";

const root = join(__dirname, "..");
const scripts = join(root, "scripts/mongo");

interface Helpers {
  serverAt: (address: string, seconds?: number) => { address: string };
  until: (what: string, attempt: () => unknown, where?: string) => unknown;
}

const refusal = () =>
  Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:27017"), { name: "MongoNetworkError" });

/** The helpers, on a mongosh whose attempts fail one after the other and whose clock goes on by itself. */
function helpers(failures: Error[]) {
  let now = 0;
  const tried: string[] = [];
  class Mongo {
    constructor(readonly address: string) {
      tried.push(address);
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
    }
    getDB = () => ({ hello: () => ({ ok: 1 }) });
  }
  const sleep = (milliseconds: number) => (now += milliseconds);
  const context = { Mongo, sleep, Date: { now: () => now }, made: undefined as unknown as Helpers };
  runInNewContext(
    `${readFileSync(join(scripts, "server.js"), "utf8")}\nmade = { serverAt, until };`,
    context,
  );
  return { ...context.made, tried };
}

describe("a connection from mongosh", () => {
  const address = "mongodb://127.0.0.1:27017/?directConnection=true";

  it("waits for a mongod that refuses connections while it starts", () => {
    const { serverAt, tried } = helpers(Array.from({ length: 50 }, refusal));
    expect(serverAt(address).address).toBe(`${address}&serverSelectionTimeoutMS=10000`);
    expect(tried).toHaveLength(51);
  });

  it.each([
    ["mongodb://h:27017/chat?serverSelectionTimeoutMS=60000&replicaSet=rs0", "chat?replicaSet=rs0&"],
    ["mongodb://h:27017/chat?replicaSet=rs0&serverselectiontimeoutms=60000", "chat?replicaSet=rs0&"],
    ["mongodb://h:27017/chat?serverSelectionTimeoutMS=60000", "chat?"],
    ["mongodb://h:27017/chat", "chat?"],
  ])("waits its own way where the address has one: %s", (given, wanted) => {
    const { serverAt } = helpers([]);
    expect(serverAt(given).address).toBe(`mongodb://h:27017/${wanted}serverSelectionTimeoutMS=10000`);
  });

  it("ends with the last reason when the time is over", () => {
    const { serverAt, tried } = helpers(Array.from({ length: 1000 }, refusal));
    expect(() => serverAt(address, 4)).toThrow("ECONNREFUSED");
    expect(tried.length).toBeLessThan(30);
    expect(tried.at(-1)).toMatch(/serverSelectionTimeoutMS=1000$/);
  });

  it("repeats no refusal by the server itself", () => {
    const wrong = Object.assign(new Error("Authentication failed."), { name: "MongoServerError", code: 18 });
    const { serverAt, tried } = helpers([wrong, refusal()]);
    expect(() => serverAt(address)).toThrow("Authentication failed.");
    expect(tried).toHaveLength(1);
  });

  it("asks a question until it has an answer, and ends at once where nothing will help", () => {
    const { until } = helpers([]);
    const answers = [
      () => {
        throw new Error("not yet");
      },
      () => false,
      () => "primary",
    ];
    expect(until("nothing", () => answers.shift()!())).toBe("primary");
    expect(() => until("it did not become primary", () => false, "; look there")).toThrow(
      "mongo: it did not become primary within 2 minutes; look there",
    );
    const final = () => {
      throw Object.assign(new Error("another set"), { final: true });
    };
    expect(() => until("nothing", final)).toThrow("another set");
  });

  it("is made by one helper, which goes before every script", () => {
    const others = readdirSync(scripts).filter((name) => name !== "server.js");
    expect(others.length).toBeGreaterThan(5);
    const own = others.filter((name) => /new Mongo\(/.test(readFileSync(join(scripts, name), "utf8")));
    expect(own).toEqual([]);

    const run = execFileSync("sh", ["scripts/host/exec-script.sh", "mongosh", "scripts/mongo/count.js"], {
      cwd: root,
      encoding: "utf8",
      env: { PATH: `${join(__dirname, "stubs/say")}:${process.env["PATH"]}`, PASS: "", CONTAINER: "mongo" },
    });
    expect(run).toContain("function serverAt(");
    expect(run).toContain("countDocuments");
  });
});
