import { connect } from "node:http2";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ensureImages, type LabImages, labConfig } from "../../machine/images";
import { type Mail, mailDialogue } from "../../commands/mail/dialogue";
import { mailReport } from "../../commands/mail/report";
import { Clone, type Run } from "./clone";
import { DockerCli } from "./engine";
import { certifiedName, login, MailServers } from "./mail-server";
import { NamedStack } from "./named-stack";
import { type Answer, type Session, Site, until } from "./site";

// What the settings say of the server itself: values by API, the limit of uploads at both places that hold it, real mail servers.
const docker = new DockerCli();
const engine = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
const prefix = "itm-";
const ports = { http: 26080, https: 26443, clear: 26025, starttls: 26587, tls: 26465, nobody: 26999 };
const hostname = "itm.localhost";
const mebibyte = 1024 ** 2;

const work = mkdtempSync(join(tmpdir(), "rocketchat-itm-"));
const clone = new Clone("settings", {
  PULUMI_BACKEND_URL: `file://${work}`,
  PULUMI_CONFIG_PASSPHRASE: "a test's own",
});
const stack = new NamedStack(clone, "settings");
let images: LabImages | undefined;
let tracked: Record<string, object> & { "rocketchat:helperImage": string };
let up: Run;
let site: Site;
let admin: Session;
let mails: MailServers;
let gateway: string;

const helperImage = () => images?.busybox ?? tracked["rocketchat:helperImage"];
const chat = () => docker.id(`${prefix}rocketchat`);
const valueOf = async (id: string) =>
  (await site.json<{ value: unknown }>("GET", `/api/v1/settings/${id}`, { headers: admin.headers })).value;

function config(): Record<string, unknown> {
  const of = (group: string) => tracked[`rocketchat:${group}`];
  const stands = labConfig(images);
  const group = (name: string, own: object = {}) => ({
    [`rocketchat:${name}`]: { ...of(name), ...(stands[`rocketchat:${name}`] as object | undefined), ...own },
  });
  const acme = { server: "test-ca", ...(images && { testCaImage: images.pebble }) };
  return {
    "rocketchat:engine": engine,
    "rocketchat:hostname": hostname,
    "rocketchat:prefix": prefix,
    "rocketchat:helperImage": helperImage(),
    ...group("rocketchat"),
    ...group("mongo"),
    ...group("ingress", { bind: "127.0.0.1", httpPort: ports.http, httpsPort: ports.https, acme }),
    "rocketchat:uploads": { maxSize: "1 MiB", refusedTypes: "text/html image/svg+xml" },
    "rocketchat:workspace": {
      organisation: { name: "Example", siteName: "Example Chat", language: "fr", size: "11-50" },
      registration: { form: "Secret URL" },
      mail: { host: "smtp.nowhere.test", user: login.user, sender: "chat@example.org" },
      signIn: { custom: { keycloak: { clientId: "chat", url: "https://login.example.org" } } },
      settings: { API_Enable_CORS: true, Accounts_LoginExpiration: 30 },
    },
  };
}

beforeAll(async () => {
  images = await ensureImages(engine);
  tracked = (parse(readFileSync("Pulumi.local.yaml", "utf8")) as { config: typeof tracked }).config;
  await stack.make(config());
  await stack.setSecret("rocketchat:smtpPassword", login.password);
  await stack.setSecret("rocketchat:registrationSecretUrl", "open-sesame");
  await stack.setSecret("rocketchat:keycloakClientSecret", "of keycloak");
  await stack.setSecret("rocketchat:secretSetting_LDAP_Authentication_Password", "of ldap");
  up = await stack.up();
  if (up.status !== 0) throw new Error(up.output);
  const acme = `/opt/${prefix}traefik/acme`;
  const root = docker.shell(helperImage(), `cat ${acme}/test-ca-root.pem`, "--volume", `${acme}:${acme}:ro`);
  site = new Site(hostname, ports.http, ports.https, root);
  const password = await stack.pulumi("stack", "output", "adminPassword", "--show-secrets");
  admin = await until("the administrator logs in", () => site.login("admin", password));

  mails = await MailServers.make();
  await mails.listen(ports.starttls);
  await mails.listen(ports.tls, { secure: true });
  await mails.listen(ports.clear, { disabledCommands: ["STARTTLS", "AUTH"], authOptional: true });
  gateway = docker.gateway(`${prefix}edge`);
});

afterAll(async () => {
  await mails?.close();
  for (const name of docker.containers(prefix)) docker.run("rm", "--force", "--volumes", name);
  for (const name of docker.networks(prefix)) docker.run("network", "rm", name);
  docker.forget(prefix);
  docker.shell(helperImage(), `rm -rf /opt/${prefix}*`, "--volume", "/opt:/opt");
  clone.remove();
  rmSync(work, { recursive: true });
});

describe("settings of the workspace", () => {
  it("are there after the first deployment, the secret ones too", async () => {
    const wanted = {
      Organization_Name: "Example",
      Site_Name: "Example Chat",
      Size: "1",
      Language: "fr",
      Accounts_RegistrationForm: "Secret URL",
      Accounts_RegistrationForm_SecretURL: "open-sesame",
      SMTP_Host: "smtp.nowhere.test",
      SMTP_Port: "587",
      SMTP_IgnoreTLS: false,
      SMTP_Password: login.password,
      "Accounts_OAuth_Custom-Keycloak": true,
      "Accounts_OAuth_Custom-Keycloak-url": "https://login.example.org",
      "Accounts_OAuth_Custom-Keycloak-secret": "of keycloak",
      LDAP_Authentication_Password: "of ldap",
      API_Enable_CORS: true,
      Accounts_LoginExpiration: 30,
    };
    const found = await Promise.all(Object.keys(wanted).map(async (id) => [id, await valueOf(id)] as const));
    expect(Object.fromEntries(found)).toEqual(wanted);
  });

  it("are told with callback addresses, with what is due when nobody registers, and without a secret", () => {
    expect(up.output).toContain(`  keycloak: https://${hostname}:${ports.https}/_oauth/keycloak`);
    expect(up.output).toContain("collector.rocket.chat");
    for (const secret of [login.password, "open-sesame", "of keycloak", "of ldap"])
      expect(up.output).not.toContain(secret);
  });

  it("change while people write: nothing restarts, and then nothing is left to do", async () => {
    const before = chat();
    stack.configure([["rocketchat:workspace", "organisation", "siteName"], "Another Chat"]);
    const again = await stack.up();
    expect(again.status, again.output).toBe(0);
    expect([await valueOf("Site_Name"), chat()]).toEqual(["Another Chat", before]);
    const preview = await stack.pulumi("preview", "--refresh", "--expect-no-changes");
    expect(preview).not.toContain("Another Chat");
  });
});

describe("the limit of uploads", () => {
  const boundary = "----------------rocketchat-test";
  const type = `multipart/form-data; boundary=${boundary}`;
  const path = "/api/v1/rooms.media/GENERAL";

  function body(size: number, mediaType = "application/octet-stream"): Buffer {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: ${mediaType}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), Buffer.alloc(size, 7), Buffer.from(`\r\n--${boundary}--\r\n`)]);
  }

  const send = (bytes: Buffer, contentType = type): Promise<Answer> =>
    site.request("POST", path, { headers: { ...admin.headers, "content-type": contentType }, body: bytes });

  /** Without saying how long it is. */
  function stream(bytes: Buffer): Promise<Answer> {
    const { request, answer } = site.open("POST", path, { ...admin.headers, "content-type": type });
    for (let i = 0; i < bytes.length; i += mebibyte) request.write(bytes.subarray(i, i + mebibyte));
    request.end();
    return answer;
  }

  const said = ({ status, body: text }: Answer) => [
    status,
    (JSON.parse(text.toString()) as { errorType?: string }).errorType,
  ];
  /** The most that Traefik ever had, its files in memory included. */
  const peak = () =>
    Number(
      docker.run(
        "exec",
        `${prefix}traefik`,
        "sh",
        "-c",
        "cat /sys/fs/cgroup/memory.peak /sys/fs/cgroup/memory/memory.max_usage_in_bytes 2>/dev/null | head -n 1",
      ),
    );

  it.each([
    ["a byte under it", mebibyte - 1],
    ["just at it", mebibyte],
  ])("lets a file through that is %s, with and without a length", async (_what, size) => {
    expect(said(await send(body(size)))).toEqual([200, undefined]);
    expect(said(await stream(body(size)))).toEqual([200, undefined]);
  });

  it("holds in Rocket.Chat, in its own words, for a byte too much, with and without a length", async () => {
    expect(said(await send(body(mebibyte + 1)))).toEqual([400, "error-file-too-large"]);
    expect(said(await stream(body(mebibyte + 1)))).toEqual([400, "error-file-too-large"]);
  });

  it("holds at the front door before the body is read, over HTTP/1.1 and HTTP/2", async () => {
    const { status, headers } = await send(body(mebibyte + 64 * 1024 + 1));
    expect([status, headers["x-stand-in"]]).toEqual([413, undefined]);
    expect(await http2Status(body(mebibyte + 64 * 1024 + 1))).toBe(413);
    expect(await http2Status(body(mebibyte))).toBe(200);
  });

  it("makes Traefik keep no body, however large", async () => {
    const before = peak();
    expect(await http2Status(body(mebibyte), 150 * mebibyte)).toBe(413);
    expect(said(await stream(body(150 * mebibyte)))).toEqual([400, "error-file-too-large"]);
    expect(before).toBeGreaterThan(mebibyte);
    expect(peak() - before).toBeLessThan(24 * mebibyte);
  });

  it("is one of files: another body of that size goes on to Rocket.Chat", async () => {
    const { status } = await send(Buffer.alloc(2 * mebibyte, 32), "application/json");
    expect(status).not.toBe(413);
  });

  it("comes with the types that nobody may send", async () => {
    expect(said(await send(body(10, "text/html")))).toEqual([400, "error-invalid-file-type"]);
    expect(said(await send(body(10, "text/plain")))).toEqual([200, undefined]);
  });

  /** @param announced More than is sent: the rest stays away until the answer comes. */
  function http2Status(bytes: Buffer, announced = bytes.length): Promise<number> {
    const session = connect(`https://127.0.0.1:${ports.https}`, { ca: site.root, servername: hostname });
    return new Promise<number>((resolve, reject) => {
      session.on("error", reject);
      const request = session.request({
        ":method": "POST",
        ":path": path,
        ":authority": `${hostname}:${ports.https}`,
        ...admin.headers,
        "content-type": type,
        "content-length": announced,
      });
      request.on("response", (headers) => resolve(Number(headers[":status"])));
      request.on("error", reject);
      request.write(bytes);
      if (announced === bytes.length) request.end();
    }).finally(() => session.destroy());
  }
});

describe("the test of the mail server", () => {
  const client = `${prefix}mail-client`;
  const mail: Mail = {
    host: certifiedName,
    port: ports.starttls,
    tls: "starttls",
    user: login.user,
    password: login.password,
    sender: "chat@example.org",
    recipient: "you@example.org",
    subject: "Test",
    text: "First line\n.starts with a dot",
  };

  /** Rocket.Chat's image, told to trust the servers' certificate and where their name leads. */
  beforeAll(() => {
    const ca = join(work, "ca.pem");
    writeFileSync(ca, mails.certificate, { mode: 0o644 });
    docker.run(
      "run",
      "--detach",
      `--name=${client}`,
      `--network=${prefix}edge`,
      `--add-host=${certifiedName}:${gateway}`,
      `--volume=${ca}:/ca.pem:ro`,
      "--env=NODE_EXTRA_CA_CERTS=/ca.pem",
      "--entrypoint=node",
      docker.inspect(`${prefix}rocketchat`, "{{.Config.Image}}"),
      "-e",
      "setInterval(() => 0, 1e6)",
    );
  });

  const hand = async (over: Partial<Mail> = {}) => {
    const given = { ...mail, ...over };
    return mailReport(given, await mailDialogue(engine, client, given));
  };

  it.each<[string, Partial<Mail>, boolean]>([
    ["over STARTTLS", {}, true],
    ["over TLS from the first byte", { tls: "tls", port: ports.tls }, true],
  ])("hands over a mail %s, logged in, and shows each answer", async (_how, over, secure) => {
    const { lines, fault } = await hand(over);
    expect(fault).toBeUndefined();
    expect(lines.join("\n")).toMatch(/TLSv1\.3, certificate of smtp\.test/);
    expect(lines.at(-1)).toMatch(/message .*queued as 4711/);
    expect(mails.taken.pop()).toEqual({
      from: "chat@example.org",
      to: ["you@example.org"],
      user: "chat",
      secure,
      text: expect.stringContaining("\r\n\r\nFirst line\r\n.starts with a dot") as unknown,
    });
  });

  it("a server that offers no login gets the mail without one, as from Rocket.Chat, and a line says so", async () => {
    const { lines, fault } = await hand({ tls: "none", port: ports.clear });
    expect(fault).toBeUndefined();
    expect(lines.join("\n")).toMatch(/AUTH .*offers no login: the mail went without one/);
    expect(mails.taken.pop()).toMatchObject({ user: undefined, secure: false });
  });

  it.each<[string, Partial<Mail>, RegExp]>([
    [
      "a wrong password",
      { password: "of somebody else" },
      /^smtpPassword: smtp\.test:26587 refused the login of chat \(535 /,
    ],
    [
      "a server that offers no TLS",
      { port: ports.clear },
      /^workspace\.mail\.tls: smtp\.test:26025 offers no STARTTLS /,
    ],
    [
      "TLS from the first byte where there is none",
      { tls: "tls" },
      /^workspace\.mail\.tls: .* does not speak TLS from the first byte/,
    ],
    [
      "an unknown host",
      { host: "smtp.nowhere.test" },
      /^workspace\.mail\.host: no such host, as Rocket\.Chat sees it \(.*smtp\.nowhere\.test/,
    ],
    [
      "a port where nothing listens",
      { port: ports.nobody },
      /^workspace\.mail\.port: nothing listens at smtp\.test:26999/,
    ],
    [
      "a recipient whom the server refuses",
      { recipient: "nobody@example.org" },
      /^nobody@example\.org: smtp\.test:26587 refused the recipient \(550 no such user here\)/,
    ],
    [
      "a sender whom it refuses",
      { sender: "chat@example.net" },
      /^workspace\.mail\.sender: .*send as chat@example\.net \(553 not your address\)/,
    ],
  ])("has a line of its own for %s, and no mail goes", async (_what, over, line) => {
    const { lines, fault } = await hand(over);
    expect(fault).toMatch(line);
    expect(lines.at(-1)).toContain("FAILED: ");
    expect([...lines, fault].join("\n")).not.toContain(login.password);
    expect(mails.taken).toEqual([]);
  });

  it("does not take a certificate for another name", async () => {
    expect((await hand({ host: gateway })).fault).toMatch(
      /^workspace\.mail\.host: the certificate of .* is not one that Rocket\.Chat trusts for that name/,
    );
  });

  it("is a command with the settings of the stack, from Rocket.Chat's own container", async () => {
    const test = (...args: string[]) => clone.npm("mail:test", [...args, "--stack", "settings"]);
    const unknown = await test("you@example.org");
    expect([unknown.status, unknown.output]).toEqual([
      1,
      expect.stringMatching(/workspace\.mail\.host: no such host/),
    ]);

    stack.configure([
      ["rocketchat:workspace", "mail"],
      { host: gateway, port: ports.starttls, user: login.user, sender: "chat@example.org" },
    ]);
    const untrusted = await test("you@example.org");
    expect([untrusted.status, untrusted.output]).toEqual([
      1,
      expect.stringContaining("is not one that Rocket.Chat trusts"),
    ]);
    expect(mails.taken).toEqual([]);

    await stack.pulumi("config", "rm", "rocketchat:smtpPassword");
    stack.configure([
      ["rocketchat:workspace", "mail"],
      { host: gateway, port: ports.clear, tls: "none", sender: "chat@example.org" },
    ]);
    const sent = await test("you@example.org");
    expect([sent.status, sent.output]).toEqual([
      0,
      expect.stringContaining("the server took the mail for you@example.org"),
    ]);
    expect(mails.taken.pop()).toMatchObject({ to: ["you@example.org"], secure: false, user: undefined });
    expect((await test("you")).output).toContain("mail:test: is followed by one e-mail address (got you)");
  });
});
