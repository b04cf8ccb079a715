import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generate } from "selfsigned";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

const names = ["rocketchat", "mongo", "traefik", "pebble", "busybox", "restic", "rclone"] as const;
type Name = (typeof names)[number];

interface ImageConfig {
  /** Left out by some engines where nobody is named. */
  User?: string;
  Env: string[];
  Cmd?: string[];
  Entrypoint?: string[];
  WorkingDir?: string;
  Volumes?: Record<string, object>;
  ExposedPorts?: Record<string, object>;
  Labels: Record<string, string>;
  Healthcheck?: unknown;
}

vi.setConfig({ testTimeout: 90_000 });

const run = `imgtest-${process.pid}`;
const network = `${run}-net`;
const containers: string[] = [];
let images: Record<Name, string>;

function build() {
  const { status, stdout, stderr } = spawnSync("bash", [resolve("lab/images/build.sh")], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return { lines: stdout.trimEnd().split("\n"), progress: stderr };
}

function docker(...args: string[]): string {
  return execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trimEnd();
}

/** Exit code and output of a command that may fail; no exit code when it does not end within a minute. */
function attempt(...args: string[]) {
  const { status, stdout, stderr } = spawnSync("docker", args, { encoding: "utf8", timeout: 60_000 });
  return { status, output: (stdout + stderr).trimEnd() };
}

function named(role: string): string {
  const name = `${run}-${role}`;
  containers.push(name);
  return name;
}

const once = (name: Name, ...args: string[]) =>
  docker("run", "--rm", "--network", "none", images[name], ...args);
const shell = (name: Name, script: string) => once(name, "sh", "-c", script);
const configOf = (name: Name) =>
  JSON.parse(docker("image", "inspect", "--format", "{{json .Config}}", images[name])) as ImageConfig;

async function until(what: string, holds: () => boolean) {
  const deadline = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`${what}: did not happen within 60 s`);
    await sleep(200);
  }
}

beforeAll(() => {
  const { lines } = build();
  images = Object.fromEntries(lines.map((line) => line.split("="))) as typeof images;
  docker("network", "create", "--internal", network);
}, 600_000);

afterAll(() => {
  for (const name of containers) attempt("rm", "-f", "-v", name);
  attempt("network", "rm", network);
});

describe("build.sh", () => {
  it("names each image by a hash of its sources, and rebuilds nothing that is unchanged", () => {
    const ids = () => names.map((name) => docker("image", "inspect", "--format", "{{.Id}}", images[name]));
    const before = ids();

    const { lines, progress } = build();

    expect(lines).toEqual(names.map((name) => `${name}=${images[name]}`));
    for (const name of names) expect(images[name]).toMatch(new RegExp(`^lab/${name}:[0-9a-f]{12}$`));
    expect(progress).toBe("");
    expect(ids()).toEqual(before);
  });

  it("refuses a name that is no image", () => {
    const { status, stdout, stderr } = spawnSync("bash", ["lab/images/build.sh", "nginx"], {
      encoding: "utf8",
    });

    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("nginx: must be one of rocketchat mongo traefik pebble busybox");
  });

  it.each(names)(
    "labels lab/%s with a title and a version, and leaves health checks to the program",
    (name) => {
      const { Labels, Healthcheck } = configOf(name);

      expect(Labels["org.opencontainers.image.title"]).toMatch(
        name === "rocketchat" ? /^STAND-IN for / : /, lab build$/,
      );
      expect(Labels["org.opencontainers.image.version"]).toMatch(/^v?\d+\.\d+\.\d+$/);
      expect(Healthcheck).toBeUndefined();
    },
  );
});

describe("lab/mongo", () => {
  const mongosh = (container: string, script: string) =>
    attempt("exec", container, "mongosh", "--quiet", "--eval", script).output;
  const answers = (container: string) =>
    until("mongod answers", () => mongosh(container, "db.hello().ok") === "1");

  it("has the official image's configuration", () => {
    const config = configOf("mongo");

    expect(config).toMatchObject({ Entrypoint: ["docker-entrypoint.sh"], Cmd: ["mongod"] });
    expect(config.User ?? "").toBe("");
    expect(Object.keys(config.Volumes ?? {}).sort()).toEqual(["/data/configdb", "/data/db"]);
    expect(Object.keys(config.ExposedPorts ?? {})).toEqual(["27017/tcp"]);
    expect(config.Env).toContain("HOME=/data/db");
    expect(once("mongo", "stat", "-c", "%u:%g", "/data/db", "/data/configdb")).toBe("999:999\n999:999");
    expect(once("mongo", "id", "mongodb")).toBe("uid=999(mongodb) gid=999(mongodb) groups=999(mongodb)");
  });

  it("runs as 999 with no capabilities on a read-only root, listens on every address, takes options alone", async () => {
    const name = named("mongo");
    docker(
      "run",
      "-d",
      `--name=${name}`,
      `--network=${network}`,
      "--user=999:999",
      "--cap-drop=ALL",
      "--read-only",
      "--tmpfs=/tmp",
      "--tmpfs=/data/db:uid=999,gid=999",
      "--tmpfs=/data/configdb",
      images.mongo,
      "--replSet",
      "rs0",
    );
    await answers(name);

    const argv = mongosh(name, "JSON.stringify(db.adminCommand({ getCmdLineOpts: 1 }).argv)");
    expect(argv).toBe('["mongod","--replSet","rs0","--bind_ip_all"]');
    const knock = `nc -w 5 ${name} 27017 </dev/null`;
    const reach = ["--rm", "--network", network, images.rocketchat, "sh", "-c", knock];
    expect(attempt("run", ...reach)).toEqual({ status: 0, output: "" });
  });

  it("started as root gives the data directory to mongodb and runs as it", async () => {
    const name = named("mongo-root");
    docker("run", "-d", "--name", name, "--network", "none", "--tmpfs", "/data/db", images.mongo);
    await answers(name);

    expect(docker("exec", name, "stat", "-c", "%u:%g", "/proc/1")).toBe("999:999");
    expect(docker("exec", name, "stat", "-c", "%u", "/data/db", "/data/db/WiredTiger")).toBe("999\n999");
  });

  it("refuses the first-start users that it does not make", () => {
    const { status, output } = attempt(
      "run",
      `--name=${named("mongo-init")}`,
      "-e",
      "MONGO_INITDB_ROOT_USERNAME=root",
      images.mongo,
    );

    expect(status).toBe(1);
    expect(output).toBe("MONGO_INITDB_ROOT_USERNAME: is not supported by this image (got a value); unset it");
  });

  it("carries the real mongod, mongosh, mongodump, mongorestore, bsondump and bash", () => {
    const script =
      "mongosh --version; mongod --version | head -n 1; mongodump --help; mongorestore --help; bsondump --help";
    const output = once("mongo", "bash", "-c", script);

    expect(output).toMatch(/^2\.12\.0\ndb version v6\.0\.5\n/);
    expect(output).toContain("mongodump <options>");
    expect(output).toContain("mongorestore <options>");
    expect(output).toContain("bsondump <options>");
  });
});

describe("lab/traefik", () => {
  it("has the official image's configuration", () => {
    const { User = "", Entrypoint, Cmd, ExposedPorts } = configOf("traefik");

    expect({ User, Entrypoint, Cmd }).toEqual({ User: "", Entrypoint: ["/entrypoint.sh"], Cmd: ["traefik"] });
    expect(Object.keys(ExposedPorts ?? {})).toEqual(["80/tcp"]);
  });

  it("gives options and commands to Traefik, also under another user, and runs other programs", async () => {
    expect(docker("run", "--rm", "--user", "65532", images.traefik, "version")).toMatch(
      /^Version: +3\.7\.15$/m,
    );
    expect(once("traefik", "--help")).toContain("--entrypoints");
    expect(shell("traefik", "id -u; grep -c BEGIN.CERT /etc/ssl/certs/ca-certificates.crt")).toMatch(
      /^0\n1\d\d$/,
    );

    const name = named("traefik");
    docker(
      "run",
      "-d",
      `--name=${name}`,
      "--network=none",
      "--user=65532",
      "--cap-drop=ALL",
      "--read-only",
      images.traefik,
      "--ping=true",
      "--entryPoints.traefik.address=:8082",
    );
    await until("Traefik answers a ping", () => {
      return attempt("exec", name, "wget", "-q", "-O", "-", "http://127.0.0.1:8082/ping").output === "OK";
    });
  });
});

describe("lab/pebble", () => {
  it("is /app and no shell, and serves ACME with a configuration and a certificate of ours", async () => {
    const { User = "", Entrypoint, Cmd = [] } = configOf("pebble");
    expect({ User, Entrypoint, Cmd }).toEqual({ User: "", Entrypoint: ["/app"], Cmd: [] });
    expect(attempt("run", "--rm", "--entrypoint", "/bin/sh", images.pebble).output).toContain("no such file");

    const directory = mkdtempSync(join(tmpdir(), `${run}-`));
    const pair = await generate([{ name: "commonName", value: "pebble" }]);
    const pebble = {
      listenAddress: "0.0.0.0:14000",
      managementListenAddress: "0.0.0.0:15000",
      certificate: "/pebble/cert.pem",
      privateKey: "/pebble/key.pem",
      httpPort: 80,
      tlsPort: 443,
    };
    writeFileSync(join(directory, "config.json"), JSON.stringify({ pebble }));
    writeFileSync(join(directory, "cert.pem"), pair.cert);
    writeFileSync(join(directory, "key.pem"), pair.private);
    const name = named("pebble");
    docker("create", "--name", name, "--network", network, images.pebble, "-config", "/pebble/config.json");
    docker("cp", directory, `${name}:/pebble`);
    rmSync(directory, { recursive: true });
    docker("start", name);

    const ask = ["run", "--rm", "--network", network, images.rocketchat, "wget", "-q", "-O", "-"];
    const url = `https://${name}:14000/dir`;
    await until("Pebble answers", () =>
      attempt(...ask, "--no-check-certificate", url).output.includes("newNonce"),
    );
  });
});

describe("lab/busybox", () => {
  it("runs as root and has the applets that the program's scripts use", () => {
    const applets =
      "cat chgrp chmod chown cmp cp cut date df du env find grep head id ln ls mkdir mktemp mv nc " +
      "od readlink rm rmdir sed sh sha256sum sleep sort stat sync tail tar tee test touch tr wc wget xargs";

    expect(shell("busybox", "id -u; stat -c %a /tmp")).toBe("0\n1777");
    expect(shell("busybox", `for a in ${applets}; do [ -x /bin/$a ] || echo $a; done`)).toBe("");
  });
});

describe("lab/restic and lab/rclone", () => {
  it("carry static programs where the official images have them, and a shell that copies them", () => {
    const programs = { restic: "/usr/bin/restic", rclone: "/usr/local/bin/rclone" } as const;
    for (const name of ["restic", "rclone"] as const) {
      const copy = [
        "--entrypoint",
        "sh",
        images[name],
        "-c",
        `cp ${programs[name]} /tmp/it && /tmp/it version`,
      ];
      expect(docker("run", "--rm", "--network", "none", ...copy)).toMatch(
        /^(restic 0\.19\.1|rclone v1\.75\.2)\b/,
      );
    }
  });
});

describe("lab/rocketchat", () => {
  it("has the official image's configuration", () => {
    const { User, Env, Cmd, Entrypoint, WorkingDir, Volumes, ExposedPorts } = configOf("rocketchat");

    expect({ User, Cmd, Entrypoint, WorkingDir }).toEqual({
      User: "rocketchat",
      Entrypoint: ["docker-entrypoint.sh"],
      Cmd: ["node", "main.js"],
      WorkingDir: "/app/bundle",
    });
    expect(Object.keys(Volumes ?? {})).toEqual(["/app/uploads"]);
    expect(Object.keys(ExposedPorts ?? {})).toEqual(["3000/tcp"]);
    expect(Env.filter((line) => !/^(PATH|NODE_VERSION)=/.test(line)).sort()).toEqual([
      "Accounts_AvatarStorePath=/app/uploads",
      "DEPLOY_METHOD=docker",
      "HOME=/tmp",
      "MONGO_URL=mongodb://mongo:27017/rocketchat",
      "NODE_ENV=production",
      "PORT=3000",
      "ROOT_URL=http://localhost:3000",
    ]);
  });

  it("runs as 65533, which may write uploads and owns the bundle", () => {
    const script = "id; touch /app/uploads/x; stat -c %u /app/uploads/x main.js; stat -c %a /tmp";
    expect(shell("rocketchat", script)).toBe(
      "uid=65533(rocketchat) gid=65533(rocketchat) groups=65533(rocketchat)\n65533\n65533\n1777",
    );
  });

  it("offers node and BusyBox, and neither bash nor curl nor GNU programs", () => {
    const foreign = "bash curl python3 perl apk apt-get";
    expect(shell("rocketchat", `for c in ${foreign}; do command -v $c; done; node --version`)).toBe(
      "v22.23.3",
    );
    const links = shell(
      "rocketchat",
      "for l in /bin/ls /bin/wget /bin/nc /usr/bin/env; do readlink -f $l; done",
    );
    expect(links.split("\n")).toEqual(Array(4).fill("/bin/busybox"));
  });

  it("reads a variable from an env file only where the image's own is unset", () => {
    const read = "node --env-file=/tmp/file -p process.env.PORT";
    expect(shell("rocketchat", `echo PORT=3002 >/tmp/file; ${read}; env -u PORT ${read}`)).toBe("3000\n3002");
  });

  it("gives options and scripts to node and runs commands as they stand", () => {
    expect(once("rocketchat", "-p", "process.pid")).toBe("1");
    expect(once("rocketchat", "env", "-u", "PORT", "node", "-p", "String(process.env.PORT)")).toBe(
      "undefined",
    );
    expect(attempt("run", "--rm", images.rocketchat, "missing.js").output).toContain("Cannot find module");
  });

  it("finds the stand-in and its packages in the bundle", () => {
    expect(shell("rocketchat", "test -f main.js && node -p 'typeof require(\"mongodb\").MongoClient'")).toBe(
      "function",
    );
  });
});
