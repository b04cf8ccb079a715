import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Clone, type Run } from "../integration/clone";
import { DockerCli } from "../integration/engine";
import { Site, until } from "../integration/site";

// What hands do to a service that runs, behind the deployment's back: `status` sees each, and one `up` sets all of them back.
const apart = { prefix: "ithe-", httpPort: 16080, httpsPort: 16443 };
const chat = "ithe-rocketchat";
const mongo = "ithe-mongodb-shared";
const traefik = "ithe-traefik";
const testCa = "ithe-test-ca";
const home = "/opt/ithe-rocketchat";
const mongoHome = "/opt/ithe-mongodb-shared";
const routes = "/opt/ithe-traefik/dynamic";
const note = "/var/lib/rocketchat-places/local.ithe-rocketchat.tsv";

const docker = new DockerCli();
const clone = new Clone("hand-edits");
let site: Site;
/** What the host had before anybody touched it. */
let before: Record<string, string>;

const helperImage = () =>
  (
    parse(readFileSync(join(clone.directory, ".state/local/Pulumi.local.yaml"), "utf8")) as {
      config: Record<string, string>;
    }
  ).config["rocketchat:helperImage"]!;
const onHost = (script: string) =>
  docker.shell(helperImage(), script, "--network=none", "--volume=/opt:/opt", "--volume=/var/lib:/var/lib");
/** Owner, mode and content. */
const whole = (path: string) =>
  onHost(`stat -c '%u:%g %a' ${path}; if [ -f ${path} ]; then sha256sum < ${path}; fi`);
const limits = (name: string) =>
  docker.inspect(
    name,
    "{{with .HostConfig}}{{.Memory}} {{.MemorySwap}} {{.NanoCpus}} {{.PidsLimit}} {{.RestartPolicy.Name}}{{end}}",
  );
const state = (name: string) => docker.inspect(name, "{{.State.Status}}");
const aliases = (name: string, network: string) =>
  docker.inspect(name, `{{index .NetworkSettings.Networks "${network}" "Aliases"}}`);
const id = (name: string) => docker.id(name);
const changedAt = (path: string) =>
  `${path}: (is not there|has other content \\(sha256 \\w{12} where \\w{12} was written\\))`;

interface Kind {
  kind: string;
  edit: () => unknown;
  /** A line of `npm run status`. */
  seen: string;
  /** What is compared before and after. */
  watched: () => string;
}

/** They do not hide each other, so one look and one deployment do for all. */
const edits: Kind[] = [
  {
    kind: "a route's file is gone",
    edit: () => onHost(`rm ${routes}/${chat}.yml`),
    seen: `${routes}/${chat}.yml: is not there; npm run up puts it back`,
    watched: () => whole(`${routes}/${chat}.yml`),
  },
  {
    kind: "the TLS options are weaker",
    edit: () => onHost(`sed -i s/VersionTLS12/VersionTLS10/ ${routes}/tls.yml`),
    seen: changedAt(`${routes}/tls.yml`),
    watched: () => whole(`${routes}/tls.yml`),
  },
  {
    kind: ".env is edited, and Rocket.Chat started on it",
    edit: () => {
      onHost(`echo LOG_LEVEL=2 >> ${home}/.env`);
      docker.run("restart", chat);
    },
    seen: changedAt(`${home}/.env`),
    watched: () => whole(`${home}/.env`),
  },
  {
    kind: ".env can be read by all",
    edit: () => onHost(`chmod 644 ${home}/.env`),
    seen: `${home}/.env: .*has mode 644 where 600 was set`,
    watched: () => whole(`${home}/.env`),
  },
  {
    kind: "the key file belongs to root",
    edit: () => onHost(`chown 0:0 ${mongoHome}/secrets/keyfile`),
    seen: `${mongoHome}/secrets/keyfile: belongs to 0:0 where \\d+:\\d+ was set`,
    watched: () => whole(`${mongoHome}/secrets/keyfile`),
  },
  {
    kind: "a secret is gone",
    edit: () => onHost(`rm ${mongoHome}/secrets/monitor-password`),
    seen: `${mongoHome}/secrets/monitor-password: is not there`,
    watched: () => whole(`${mongoHome}/secrets/monitor-password`),
  },
  {
    kind: "a secret is another one",
    edit: () => onHost(`echo tampered > ${home}/secrets/mongo-password`),
    seen: changedAt(`${home}/secrets/mongo-password`),
    watched: () => whole(`${home}/secrets/mongo-password`),
  },
  {
    kind: "a secret can be read by all",
    edit: () => onHost(`chmod 444 ${mongoHome}/secrets/root-password`),
    seen: `${mongoHome}/secrets/root-password: has mode 444 where 400 was set`,
    watched: () => whole(`${mongoHome}/secrets/root-password`),
  },
  {
    kind: "the host's note is gone",
    edit: () => onHost(`rm ${note}`),
    seen: `${note}: is not there`,
    watched: () => whole(note),
  },
  {
    kind: "a data directory belongs to somebody else",
    edit: () => onHost(`chown 4242:4242 ${home}/uploads`),
    seen: `${home}/uploads: belongs to 4242:4242 where \\d+:\\d+ was set`,
    watched: () => whole(`${home}/uploads`),
  },
  {
    kind: "a data directory can be written by all",
    edit: () => onHost(`chmod 777 ${home}/data`),
    seen: `${home}/data: has mode 777 where 750 was set`,
    watched: () => whole(`${home}/data`),
  },
  {
    kind: "the test CA's root is gone",
    edit: () => onHost("rm /opt/ithe-traefik/acme/test-ca-root.pem"),
    seen: "/opt/ithe-traefik/acme/test-ca-root.pem: is not there",
    watched: () => whole("/opt/ithe-traefik/acme/test-ca-root.pem"),
  },
  {
    kind: "a container was stopped",
    edit: () => docker.run("stop", traefik),
    seen: `container ${traefik}: does not run`,
    watched: () => state(traefik),
  },
  {
    kind: "a container was paused",
    edit: () => docker.run("pause", testCa),
    seen: `container ${testCa}: is paused`,
    watched: () => state(testCa),
  },
  {
    kind: "a container was cut off its network",
    edit: () => docker.run("network", "disconnect", "ithe-data", chat),
    seen: `container ${chat}: is not on the network ithe-data; npm run up joins it again`,
    watched: () => aliases(chat, "ithe-data").replace(/\b[0-9a-f]{12}\b/, ""),
  },
  {
    kind: "a memory limit is another one",
    edit: () => docker.run("update", "--memory", "1400m", "--memory-swap", "1400m", mongo),
    seen: `container ${mongo}: .*memory is 1468006400 where \\d+ was set`,
    watched: () => limits(mongo),
  },
  {
    kind: "a restart policy is another one",
    edit: () => docker.run("update", "--restart", "no", mongo),
    seen: `container ${mongo}: restart policy is no where always was set`,
    watched: () => limits(mongo),
  },
  {
    kind: "processors and processes are limited otherwise",
    edit: () => docker.run("update", "--cpus", "0.5", "--pids-limit", "77", chat),
    seen: `container ${chat}: processors is 0.5 where [\\d.]+ was set and processes at most is 77 where \\d+ was set`,
    watched: () => limits(chat),
  },
];

async function isUp(run: Run): Promise<void> {
  expect(run.status, run.output).toBe(0);
  expect(run.output).toContain("Rocket.Chat is up");
  expect(await site.json("GET", "/api/info")).toMatchObject({ success: true });
}

beforeAll(async () => {
  clone.setApart(apart);
  const up = await clone.npm("up");
  if (up.status !== 0) throw new Error(up.output);
  const root = readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8");
  site = new Site("chat.localhost", apart.httpPort, apart.httpsPort, root);
});

afterAll(() => {
  const image = helperImage();
  for (const name of docker.containers(apart.prefix)) docker.run("rm", "--force", name);
  for (const name of docker.networks(apart.prefix)) docker.run("network", "rm", name);
  docker.forget(apart.prefix);
  docker.shell(image, "rm -rf /opt/ithe-*", "--volume", "/opt:/opt");
  rmSync(clone.directory, { recursive: true });
});

describe("a service that nobody touched", () => {
  it("is well", async () => {
    await until("npm run status finds nothing wrong", async () => {
      const { status, output } = await clone.npm("status");
      expect(status, output).toBe(0);
      expect(output).toContain("all is well");
    });
  });
});

describe(`${edits.length} kinds of hand edits at once`, () => {
  let said: Run;
  let again: Run;
  let ids: string[];

  beforeAll(async () => {
    before = Object.fromEntries(edits.map(({ kind, watched }) => [kind, watched()]));
    ids = [chat, mongo, traefik, testCa].map(id);
    for (const { edit } of edits) edit();
    said = await clone.npm("status");
    again = await clone.npm("up");
  });

  it.each(edits)("npm run status sees that $kind", ({ seen }) => {
    expect(said.output).toMatch(new RegExp(seen));
    expect(said.status).toBe(1);
    expect(said.output).not.toContain("tampered");
  });

  it("npm run up says that it is up, and it is", async () => {
    await isUp(again);
  });

  it.each(edits)("npm run up sets back that $kind", ({ kind, watched }) => {
    expect(watched()).toBe(before[kind]);
  });

  it("makes no container anew, and starts Rocket.Chat once more on its own settings", () => {
    expect([chat, mongo, traefik, testCa].map(id)).toEqual(ids);
    const started = Date.parse(docker.inspect(chat, "{{.State.StartedAt}}")) / 1000;
    expect(started).toBeGreaterThanOrEqual(Number(onHost(`stat -c %Z ${home}/.env`)));
  });

  it("keeps what stood in a secret's place beside it", () => {
    expect(onHost(`cat ${home}/secrets/mongo-password.found-*`)).toBe("tampered");
  });

  it("leaves nothing to find", async () => {
    const { status, output } = await clone.npm("status");
    expect(status, output).toBe(0);
    await clone.pulumi("refresh", "--preview-only", "--expect-no-changes");
  });
});

describe("a container that is gone", () => {
  it("is made anew by the very next deployment", async () => {
    const was = [chat, mongo, traefik].map(id);
    docker.run("rm", "--force", chat);
    const told = await clone.npm("status");
    expect(told.output).toContain(`container ${chat}: is not there`);
    expect(told.status).toBe(1);

    await isUp(await clone.npm("up"));
    expect(id(chat)).not.toBe(was[0]);
    expect([mongo, traefik].map(id)).toEqual(was.slice(1));
  });
});

describe("networks that went with stopped containers", () => {
  it("are made anew with what was on them", async () => {
    docker.run("stop", chat, mongo);
    docker.run("network", "disconnect", "--force", "ithe-data", chat);
    docker.run("network", "disconnect", "--force", "ithe-data", mongo);
    docker.run("network", "rm", "ithe-data");

    await isUp(await clone.npm("up"));
  });
});

describe("a database that is cut off", () => {
  it("does not keep a refresh waiting, nor fail it, and is joined again by the next deployment", async () => {
    docker.run("network", "disconnect", "ithe-data", chat);
    const refresh = await clone.npm("pulumi", ["refresh", "--preview-only"]);
    expect(refresh.status, refresh.output).toBe(0);
    expect(refresh.output).toContain(`container ${chat}: is not on the network ithe-data`);
    expect(refresh.tookMs).toBeLessThan(120_000); // 4 minutes 21 seconds once

    await isUp(await clone.npm("up"));
  });
});

describe("memory that is used up", () => {
  it("is seen while the container runs on", async () => {
    const hog = "const kept = []; for (;;) kept.push(Buffer.alloc(1e7, 1))";
    expect(() => docker.run("exec", chat, "node", "-e", hog)).toThrow();
    // It asks the engine for what happened until two seconds ago.
    await until("npm run status sees it", async () => {
      const { status, output } = await clone.npm("status");
      expect(output).toMatch(new RegExp(`^container ${chat}: used up its memory `, "m"));
      expect(status).toBe(1);
    });
  });
});
