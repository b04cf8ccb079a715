import { beforeEach, describe, expect, it, vi } from "vitest";
import { RestApi } from "../../workspace/api";
import { apply, nothing } from "../../workspace/collection";
import { setting } from "../../workspace/kinds/setting";
import type { Answer, Request, Transport } from "../../workspace/relay";
import { logIn, type Vault } from "../../workspace/session";
import {
  call,
  environmentOf,
  factor,
  type Headers,
  login,
  PASSWORD,
  prepareStandIns,
  publicSettings,
  type Server,
  start,
  statusOfLogin,
} from "./standin";

// What a deployment meets: questions for the second factor, the setup wizard, the fingerprint.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });
prepareStandIns();

class Direct implements Transport {
  constructor(private readonly server: Server) {}

  async send({ method, path, headers, body }: Request): Promise<Answer> {
    const response = await fetch(this.server.url + path, { method, headers, ...(body && { body }) });
    return { status: response.status, headers: {}, body: await response.text() };
  }

  close(): void {}
}

let files: Record<string, string> = {};
const vault: Vault = {
  read: (name) => Promise.resolve(files[name]),
  write: (name, value) => Promise.resolve(void (files[name] = value)),
  promote: () => Promise.reject(new Error("nothing is promoted")),
};
beforeEach(() => void (files = { "admin-password": PASSWORD }));

const deployTo = async (server: Server, name: string) =>
  apply(await logIn(new RestApi(new Direct(server)), vault, "admin"), setting, { Site_Name: name }, nothing);
const nameOf = async (server: Server) => (await publicSettings(server))["Site_Name"];
const rename = (server: Server, headers: Headers) =>
  call(server, "POST", "/api/v1/settings/Site_Name", headers, { value: "By hand" });
const authenticator = (server: Server, enabled: boolean) =>
  call(server, "POST", "/standin/authenticator", {}, { username: "admin", enabled });

const versions: [string, Record<string, string>][] = [
  ["the strictest", {}],
  ["8.8", { STANDIN_BEHAVES_LIKE: "8.8" }],
];

describe.each(versions)("a Rocket.Chat in the ways of %s", (name, ways) => {
  const database = name.replace(/\W/g, "");

  it("takes settings from a deployment, the first one and later ones with its token", async () => {
    const server = await start({ ...environmentOf(`factor${database}`), ...ways });

    await deployTo(server, "First");
    const token = files["api-token"];
    await deployTo(server, "Second");

    expect(await nameOf(server)).toBe("Second");
    expect(files["api-token"]).toBe(token);
  });
});

describe("the second factor", () => {
  it("is asked of a new account's login, and of a token made to do without, and neither is remembered", async () => {
    const server = await start(environmentOf("strict"));
    const session = await login(server);
    expect(await rename(server, session)).toMatchObject({
      status: 400,
      body: { errorType: "totp-required", details: { method: "password" } },
    });
    expect(await rename(server, { ...session, ...factor("wrong") })).toMatchObject({
      status: 400,
      body: { errorType: "totp-invalid" },
    });
    expect((await rename(server, { ...session, ...factor(PASSWORD) })).status).toBe(200);
    expect((await rename(server, session)).status).toBe(400);

    await deployTo(server, "Ours");
    const [userId = "", token = ""] = files["api-token"]!.trim().split(" ");
    expect(await rename(server, { "x-user-id": userId, "x-auth-token": token })).toMatchObject({
      body: { errorType: "totp-required" },
    });
  });

  it("is for a while what a new account needs not, in the ways of 7.7, and then remembered", async () => {
    const base = { ...environmentOf("older"), STANDIN_BEHAVES_LIKE: "7.7" };
    const server = await start(base);
    expect((await rename(server, await login(server))).status).toBe(200);
    await server.stop();

    const RememberFor = "OVERWRITE_SETTING_Accounts_TwoFactorAuthentication_RememberFor";
    const strict = await start({ ...base, [RememberFor]: "0" });
    expect((await rename(strict, await login(strict))).status).toBe(400);
  });

  it("of an authenticator stops deployments in the ways of 8.5, which say so, and none in those of 8.8", async () => {
    const base = environmentOf("authenticator");
    const server = await start({ ...base, STANDIN_BEHAVES_LIKE: "8.5" });
    await deployTo(server, "Before");
    await authenticator(server, true);
    expect(await statusOfLogin(server, PASSWORD)).toBe(401);
    await expect(deployTo(server, "After")).rejects.toThrow("rocketchat.version: must be 8.6.0 or newer");
    await server.stop();

    const mended = await start({ ...base, STANDIN_BEHAVES_LIKE: "8.8" });
    await deployTo(mended, "After");
    expect(await nameOf(mended)).toBe("After");
  });
});

describe("the setup wizard", () => {
  const closed = { OVERWRITE_SETTING_Show_Setup_Wizard: "completed" };
  const wizard = async (server: Server) => (await publicSettings(server))["Show_Setup_Wizard"];

  it("is opened by the first start whatever the environment says, and closed by the next ones", async () => {
    const environment = { ...environmentOf("wizard"), ...closed };
    for (const state of ["in_progress", "completed", "completed"]) {
      const server = await start(environment);
      expect(await wizard(server)).toBe(state);
      await server.stop();
    }
  });
});

describe("the deployment's fingerprint", () => {
  const verified = async (server: Server) =>
    (await publicSettings(server))["Deployment_FingerPrint_Verified"];
  const accepting = { AUTO_ACCEPT_FINGERPRINT: "true" };
  const once = async (environment: Record<string, string | undefined>) => {
    const server = await start(environment);
    const found = await verified(server);
    await server.stop();
    return found;
  };

  it("waits for an administrator from the second start on, and a variable that comes late changes nothing", async () => {
    const base = environmentOf("pending");
    expect(await once(base)).toBe(true);
    expect(await once(base)).toBe(false);
    expect(await once({ ...base, ...accepting })).toBe(false);

    const server = await start({ ...base, ...accepting });
    const session = await login(server);
    expect((await call(server, "POST", "/api/v1/fingerprint", {}, {})).status).toBe(401);
    const accept = { setDeploymentAs: "updated-configuration" };
    expect((await call(server, "POST", "/api/v1/fingerprint", session, accept)).status).toBe(200);
    expect(await verified(server)).toBe(true);
    await server.stop();

    const moved = { OVERWRITE_SETTING_Site_Url: "https://moved.example" };
    expect(await once({ ...base, ...accepting, ...moved })).toBe(true);
    expect(await once({ ...base })).toBe(true);
  });

  it("is accepted from the first start on with the variable, and not without it", async () => {
    const base = environmentOf("accepted");
    for (const address of ["https://one.example", "https://two.example"])
      expect(await once({ ...base, ...accepting, OVERWRITE_SETTING_Site_Url: address })).toBe(true);
    expect(await once({ ...base, OVERWRITE_SETTING_Site_Url: "https://three.example" })).toBe(false);
  });
});
