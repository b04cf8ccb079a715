import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { tokenNotice } from "../commands/up/token-notice";
import { RestApi } from "../workspace/api";
import type { Answer, Request } from "../workspace/relay";
import { logIn, type Vault } from "../workspace/session";
import { failure, Script } from "./scripted-server";

/** A server of which every privileged call wants a second factor, whatever the token says: as Rocket.Chat 8.5. */
class Asking extends Script {
  constructor(
    private readonly method: string,
    private readonly password: string,
    version: string,
  ) {
    super({ "GET /api/v1/me": { _id: "u1" }, "GET /api/info": { version }, [`POST ${path}`]: {} });
  }

  override async send(request: Request): Promise<Answer> {
    const answer = await super.send(request);
    if (request.method === "GET") return answer;
    const { "x-2fa-method": method, "x-2fa-code": code } = request.headers;
    if (code === undefined || method !== this.method) return this.question("totp-required");
    return this.method === "password" && code === sha256(this.password)
      ? answer
      : this.question("totp-invalid");
  }

  private question(errorType: string): Answer {
    const details = { method: this.method, codeGenerated: false, availableMethods: [] };
    const body = { success: false, error: `TOTP [${errorType}]`, errorType, details };
    return { status: 400, headers: {}, body: JSON.stringify(body) };
  }
}

const path = "/api/v1/settings/Site_Name";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

function host(files: Record<string, string>): Vault & { reads: string[] } {
  const reads: string[] = [];
  return {
    reads,
    read: (name) => Promise.resolve(void reads.push(name)).then(() => files[name]),
    write: () => Promise.reject(new Error("nothing is written")),
    promote: () => Promise.reject(new Error("nothing is promoted")),
  };
}

const sessionAt = (server: Script, vault: Vault) => logIn(new RestApi(server), vault, "admin");
const refusal = async (server: Script, files: Record<string, string>) => {
  const api = await sessionAt(server, host({ "api-token": "u1 kept", ...files }));
  return api.post(path, { value: "A" }).catch((error: Error) => error.message);
};

describe("a server that asks a token for the second factor", () => {
  it("is answered with the password that the host keeps, when it asks and not before", async () => {
    const server = new Asking("password", "hush", "8.5");
    const api = await sessionAt(server, host({ "api-token": "u1 kept", "admin-password": "hush" }));

    await api.post(path, { value: "A" });

    const [asked, answered] = server.asked.filter(({ method }) => method === "POST");
    expect(asked?.headers).not.toHaveProperty("x-2fa-code");
    expect(answered?.headers).toMatchObject({
      "X-User-Id": "u1",
      "X-Auth-Token": "kept",
      "x-2fa-method": "password",
      "x-2fa-code": sha256("hush"),
    });
    expect(answered?.body).toBe('{"value":"A"}');
  });

  it("is answered with either password while it is changed, and the host is not read for each question", async () => {
    const server = new Asking("password", "old", "8.5");
    const vault = host({
      "api-token": "u1 kept",
      "admin-password.next": "new",
      "admin-password": "old",
    });
    const api = await sessionAt(server, vault);

    await api.post(path, { value: "A" });
    await api.post(path, { value: "A" });

    expect(vault.reads.filter((name) => name === "admin-password")).toHaveLength(1);
  });

  it("is told apart from one that refuses the call itself", async () => {
    const server = new Script({ "GET /api/v1/me": { _id: "u1" }, [`POST ${path}`]: failure(400, "nope") });
    const api = await sessionAt(server, host({ "api-token": "u1 kept", "admin-password": "hush" }));

    await expect(api.post(path, { value: "A" })).rejects.toThrow(
      "POST /api/v1/settings/Site_Name: Rocket.Chat answered 400 (nope)",
    );
    expect(server.writes).toHaveLength(1);
  });

  it("for a code of an app or an e-mail is named, with the version and both ways out", async () => {
    for (const method of ["totp", "email"])
      expect(await refusal(new Asking(method, "hush", "8.5"), { "admin-password": "hush" })).toBe(
        `rocketchat.version: must be 8.6.0 or newer where the administrator has a second factor of their own (got 8.5, which asks deployments for a code, ${method}, whatever their token says); ` +
          "raise it, or turn that factor off at the account that deployments work as: My Account, Security",
      );
  });

  it("for a code, in a version whose tokens do without, was given a token that does not", async () => {
    expect(await refusal(new Asking("totp", "hush", "8.8"), { "admin-password": "hush" })).toMatch(
      /^administrator admin: the token of deployments must ignore two-factor authentication .*npm run admin:token$/,
    );
  });

  it("for a password that the host does not keep is named, and no password is shown", async () => {
    const said = await refusal(new Asking("password", "chosen", "8.5"), { "admin-password": "hush" });
    expect(said).toMatch(
      /^administrator admin: the password kept on the host must be the one in Rocket.Chat.*raise rocketchat.version to 8.6.0 or newer, or give/,
    );
    expect(said).not.toMatch(/hush|chosen/);
    expect(await refusal(new Asking("password", "chosen", "8.8"), {})).toMatch(/npm run admin:token$/);
  });
});

it("is told of at the end of a deployment, for the versions that it is true of", () => {
  for (const version of ["8.5.0", "8.5.3"])
    expect(tokenNotice(version)).toContain(`Rocket.Chat ${version} asks`);
  for (const version of ["7.13.9", "8.4.2", "8.6.0-rc.1", "8.6.2", "8.8.1", "9.0.0"])
    expect(tokenNotice(version)).toBeUndefined();
});
