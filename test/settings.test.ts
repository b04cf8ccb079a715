import { RunError } from "@pulumi/pulumi/errors";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { namesBesideMongo } from "../inventory";
import { parseSettings } from "../settings/parse";
import type { PlainSettings } from "../settings/schema";
import type { ByteSize, Duration } from "../settings/units";
import { managedServers } from "./settings-stack-file";

/** The least that a stack must say. */
const LEAST = {
  hostname: "chat.example.org",
  helperImage: "busybox:1.37.0",
  "rocketchat.version": "8.8.1",
  "mongo.version": "8.0.20",
  "ingress.version": "3.7.15",
};

/** Dotted keys to values as a stack file has them; `undefined` leaves a key out. */
type Keys = Record<string, unknown>;

const digest = `sha256:${"0".repeat(64)}`;
const SET = "pulumi config set";
const nested = (key: string, example: string) => `${SET} --path 'rocketchat:${key}' ${example}`;
const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";
const pem = join(tmpdir(), `settings-test-${process.pid}.pem`);
const notPem = `${pem}.txt`;

beforeAll(() => {
  writeFileSync(pem, rootCertificates.slice(0, 2).join("\n"));
  writeFileSync(notPem, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
});

afterAll(() => {
  for (const file of [pem, notPem]) rmSync(file);
});

describe("one wrong value gives one exact line", () => {
  it.each<[Keys, string]>([
    // the workspace
    [
      { engine: "tcp://host:2375" },
      `engine  must be unix:///path/of/socket or ssh://user@host[:port] (got "tcp://host:2375"); ${SET} rocketchat:engine unix:///var/run/docker.sock`,
    ],
    [
      { engine: "ssh://host" },
      `engine  must be unix:///path/of/socket or ssh://user@host[:port] (got "ssh://host"); ${SET} rocketchat:engine unix:///var/run/docker.sock`,
    ],
    [
      { engine: "ssh://root@host:70000" },
      `engine  must be unix:///path/of/socket or ssh://user@host[:port] (got "ssh://root@host:70000"); ${SET} rocketchat:engine unix:///var/run/docker.sock`,
    ],
    [
      { engine: "ssh://root:hunter2@host" },
      `engine  must be unix:///path/of/socket or ssh://user@host[:port] (got "ssh://root:***@host"); ${SET} rocketchat:engine unix:///var/run/docker.sock`,
    ],
    [
      { hostname: undefined },
      `hostname  is required (got nothing); ${SET} rocketchat:hostname chat.example.org`,
    ],
    ...[
      "Chat",
      "chat",
      "Chat.example.org",
      "*.example.org",
      "10.0.0.1",
      "chat.example.org.",
      "https://chat.example.org",
      "-a.example.org",
      `${"a".repeat(64)}.org`,
    ].map((hostname): [Keys, string] => [
      { hostname },
      `hostname  must be a lower-case dotted name such as chat.example.org (got "${hostname}"); ${SET} rocketchat:hostname chat.example.org`,
    ]),
    ...["local", "Local-", "-", "1-", `a${"b".repeat(21)}-`].map((prefix): [Keys, string] => [
      { prefix },
      `prefix  must be empty, or a letter, at most 20 letters, digits and hyphens, and a hyphen, lower-case (got "${prefix}"); ${SET} rocketchat:prefix local-`,
    ]),
    ...[
      "opt/x/y",
      "/opt",
      "/",
      "/opt/../etc",
      "/opt/./x",
      "/opt/a b",
      "/opt/a:b",
      "/opt/a,b",
      "/opt/x/",
      "/opt//x",
    ].map((directory): [Keys, string] => [
      { directory },
      `directory  must be an absolute path of at least two levels such as /opt/rocketchat, of letters, digits, ".", "_" and "-" (got "${directory}"); ${SET} rocketchat:directory /opt/rocketchat`,
    ]),
    [
      { helperImage: "busybox" },
      `helperImage  must name an exact tag such as mongo:8.0.20 (got "busybox"); ${SET} rocketchat:helperImage busybox:1.37.0`,
    ],
    [
      { helperImage: "busybox:latest" },
      `helperImage  must name an exact tag such as mongo:8.0.20 or a digest, not a tag that moves (got "busybox:latest"); ${SET} rocketchat:helperImage busybox:1.37.0`,
    ],

    // rocketchat, admin
    ...["6.13.0", "10.0.0", "8.5", "latest", "8.8.1-beta"].map((version): [Keys, string] => [
      { "rocketchat.version": version },
      `rocketchat.version  must be an exact version x.y.z of Rocket.Chat 7, 8 or 9, the ones this release knows (got "${version}"); ${nested("rocketchat.version", "8.8.1")}`,
    ]),
    [
      { "rocketchat.port": 80 },
      `rocketchat.port  must be a whole number from 1024 to 65535 (got 80); ${nested("rocketchat.port", "3000")}`,
    ],
    [
      { "rocketchat.port": 3000.5 },
      `rocketchat.port  must be a whole number from 1024 to 65535 (got 3000.5); ${nested("rocketchat.port", "3000")}`,
    ],
    [
      { "rocketchat.port": "3000" },
      `rocketchat.port  must be a whole number from 1024 to 65535 (got "3000"); ${nested("rocketchat.port", "3000")}`,
    ],
    [
      { "rocketchat.stopGrace": 30 },
      `rocketchat.stopGrace  must be a duration of whole seconds such as "30 seconds", "2 minutes" or "1m30s" (got 30); ${nested("rocketchat.stopGrace", "'30 seconds'")}`,
    ],
    [
      { "rocketchat.stopGrace": "2 hours" },
      `rocketchat.stopGrace  must be from 1 second to 1 hour (got "2 hours"); ${nested("rocketchat.stopGrace", "'30 seconds'")}`,
    ],
    [
      { "rocketchat.bypassMongoValidation": "yes" },
      `rocketchat.bypassMongoValidation  must be true or false (got "yes"); ${nested("rocketchat.bypassMongoValidation", "false")}`,
    ],
    [
      { "rocketchat.image": "rocketchat/rocket.chat:8.6.2" },
      'rocketchat.image  must carry the tag of rocketchat.version, 8.8.1 (got "rocketchat/rocket.chat:8.6.2"); change rocketchat.version or remove rocketchat.image',
    ],
    [
      { "rocketchat.image": "registry.rocket.chat/rocketchat/rocket.chat:8.8.1-rc.1" },
      'rocketchat.image  must carry the tag of rocketchat.version, 8.8.1 (got "registry.rocket.chat/rocketchat/rocket.chat:8.8.1-rc.1"); change rocketchat.version or remove rocketchat.image',
    ],
    [
      { "admin.username": "the admin" },
      `admin.username  must be 1 to 64 letters, digits, "-", "_" and "." (got "the admin"); ${nested("admin.username", "admin")}`,
    ],
    [
      { "admin.name": " " },
      `admin.name  must be a name of 1 to 100 characters that .env can hold (got " "); ${nested("admin.name", "Administrator")}`,
    ],
    [
      { "admin.name": "'`\"" },
      `admin.name  must be a name of 1 to 100 characters that .env can hold (got "'\`\\""); ${nested("admin.name", "Administrator")}`,
    ],
    [
      { "admin.email": "nobody" },
      `admin.email  must be an e-mail address (got "nobody"); ${nested("admin.email", "admin@example.org")}`,
    ],

    // mongo
    [
      { "mongo.mode": "other" },
      `mongo.mode  must be managed or existing (got "other"); ${nested("mongo.mode", "managed")}`,
    ],
    [
      { "mongo.hostname": "mongo.example" },
      `mongo.hostname  must be a lower-case name without dots of 2 to 63 letters, digits and hyphens (got "mongo.example"); ${nested("mongo.hostname", "mongodb-shared")}`,
    ],
    [
      { "mongo.hostname": "rocketchat" },
      'mongo.hostname  must not be the name of another container that this stack makes or removes (got "rocketchat"); choose another, such as mongodb-shared',
    ],
    [
      { "mongo.replicaSet": "rs 0" },
      `mongo.replicaSet  must start with a letter and go on with letters, digits, "_" or "-", at most 63 in all (got "rs 0"); ${nested("mongo.replicaSet", "rs0")}`,
    ],
    ...["database", "user"].flatMap((key) =>
      ["admin", "Local", "config", "a.b", ""].map((name): [Keys, string] => [
        { [`mongo.${key}`]: name },
        `mongo.${key}  must start with a letter, go on with letters, digits, "_" or "-", at most 38 in all, and not be admin, local or config (got "${name}"); ${nested(`mongo.${key}`, "rocketchat")}`,
      ]),
    ),
    [
      { "mongo.version": undefined },
      `mongo.version  is required (got nothing); ${nested("mongo.version", "8.0.20")}`,
    ],
    [
      { "mongo.version": 8 },
      `mongo.version  must be an exact version x.y.z (got 8); ${nested("mongo.version", "8.0.20")}`,
    ],
    [
      { "mongo.version": "7.0.5" },
      'mongo.version  must be MongoDB 8.0 for Rocket.Chat 8.8.1 (got "7.0.5"); change mongo.version or rocketchat.version',
    ],
    [
      { "mongo.version": "8.2.1" },
      'mongo.version  must be MongoDB 8.0 for Rocket.Chat 8.8.1 (got "8.2.1"); change mongo.version or rocketchat.version',
    ],
    [
      { "mongo.version": "6.0.5", "rocketchat.version": "8.1.0" },
      'mongo.version  must be MongoDB 7.0, 8.0 or 8.2 for Rocket.Chat 8.1.0 (got "6.0.5"); change mongo.version or rocketchat.version',
    ],
    [
      { "mongo.version": "4.4.1", "rocketchat.version": "7.10.0" },
      'mongo.version  must be MongoDB 5.0, 6.0, 7.0 or 8.0 for Rocket.Chat 7.10.0 (got "4.4.1"); change mongo.version or rocketchat.version',
    ],
    [
      { "mongo.version": "7.0.5", "rocketchat.version": "9.0.0" },
      'mongo.version  must be MongoDB 8.0 for Rocket.Chat 9.0.0 (got "7.0.5"); change mongo.version or rocketchat.version',
    ],
    [
      { "rocketchat.version": "8.5.3", "workspace.roles.admin.mandatory2fa": true },
      'rocketchat.version  must be 8.6.0 or newer with workspace.roles.admin.mandatory2fa: 8.5 asks deployments for codes whatever their token says (got "8.5.3"); raise rocketchat.version, or remove workspace.roles.admin',
    ],
    [
      { "mongo.image": "mongo:8.0" },
      `mongo.image  must name an exact tag such as mongo:8.0.20 or a digest, not a tag that moves (got "mongo:8.0"); ${nested("mongo.image", "mongo:8.0.20")}`,
    ],
    [
      { "mongo.image": "docker.io/library/mongo:8.0.19" },
      'mongo.image  must carry the tag of mongo.version, 8.0.20 (got "docker.io/library/mongo:8.0.19"); change mongo.version or remove mongo.image',
    ],
    [
      { "mongo.image": `mongo:8.0@${digest}` },
      `mongo.image  must carry the tag of mongo.version, 8.0.20 (got "mongo:8.0@${digest.slice(0, 50)}" and 21 more characters); change mongo.version or remove mongo.image`,
    ],
    [
      { "mongo.oplogSize": "989 MiB" },
      `mongo.oplogSize  must be at least 990 MiB (got "989 MiB"); ${nested("mongo.oplogSize", "'2 GiB'")}`,
    ],
    [
      { "mongo.oplogSize": "51 GiB" },
      `mongo.oplogSize  must be at most 50 GiB (got "51 GiB"); ${nested("mongo.oplogSize", "'2 GiB'")}`,
    ],
    [
      { "mongo.oplogSize": "2 GB" },
      `mongo.oplogSize  must be a whole number of MiB (got "2 GB"); ${nested("mongo.oplogSize", "'2 GiB'")}`,
    ],
    [
      { "mongo.oplogSize": 2048 },
      `mongo.oplogSize  must be a size of whole bytes such as "512 MiB" or "2 GiB" (got 2048); ${nested("mongo.oplogSize", "'2 GiB'")}`,
    ],
    [
      { "mongo.cacheSize": "255 MiB" },
      `mongo.cacheSize  must be at least 256 MiB (got "255 MiB"); ${nested("mongo.cacheSize", "'512 MiB'")}`,
    ],
    [
      { "mongo.cacheSize": "4 GiB", "resources.mongo.memory": "2 GiB" },
      "mongo.cacheSize  must leave at least 256 MiB of the container's memory (got 4 GiB of 2 GiB); lower mongo.cacheSize or raise resources.mongo.memory",
    ],
    [
      { "mongo.cacheSize": "769 MiB" },
      "mongo.cacheSize  must leave at least 256 MiB of the container's memory (got 769 MiB of 1 GiB); lower mongo.cacheSize or raise resources.mongo.memory",
    ],
    [
      { "mongo.directory": "/opt/rocketchat" },
      'mongo.directory  must be neither inside nor around directory, /opt/rocketchat (got "/opt/rocketchat"); change mongo.directory or directory',
    ],
    [
      { "mongo.directory": "/opt/rocketchat/mongo" },
      'mongo.directory  must be neither inside nor around directory, /opt/rocketchat (got "/opt/rocketchat/mongo"); change mongo.directory or directory',
    ],

    [
      { "mongo.version": "8.2.1", "rocketchat.version": "8.2.0" },
      'mongo.version  must be MongoDB 8.0 for Rocket.Chat 8.2.0 (got "8.2.1"); change mongo.version or rocketchat.version',
    ],
    [
      { directory: "/opt/chat/app", "mongo.directory": "/opt/chat" },
      'mongo.directory  must be neither inside nor around directory, /opt/chat/app (got "/opt/chat"); change mongo.directory or directory',
    ],

    // directories whose owner is changed with all that is in them
    [
      { "mongo.dataDirectory": "/opt/rocketchat/data" },
      'rocketchat.dataDirectory  must be neither inside nor around mongo.dataDirectory, /opt/rocketchat/data (got "/opt/rocketchat/data"); change rocketchat.dataDirectory or mongo.dataDirectory',
    ],
    [
      { "uploads.directory": "/opt/rocketchat" },
      'uploads.directory  must be neither directory itself nor around it, /opt/rocketchat (got "/opt/rocketchat"); change uploads.directory or directory',
    ],
    [
      { "mongo.dataDirectory": "/opt/mongodb-shared/secrets/data" },
      `mongo.dataDirectory  must be neither inside nor around mongo.directory's secrets, /opt/mongodb-shared/secrets (got "/opt/mongodb-shared/secrets/data"); change mongo.dataDirectory or mongo.directory's secrets`,
    ],
    [
      { "uploads.storage": "S3" },
      `uploads.storage  must be FileSystem or GridFS or AmazonS3 (got "S3"); ${nested("uploads.storage", "FileSystem")}`,
    ],
    ...["emojiStorage", "soundStorage"].map((key): [Keys, string] => [
      { [`uploads.${key}`]: "S3" },
      `uploads.${key}  must be FileSystem or GridFS (got "S3"); ${nested(`uploads.${key}`, "FileSystem")}`,
    ]),

    // ingress
    ...["3.6.5", "3.5.9", "2.11.0", "4.0.0", "v3.7.15", "3.7"].map((version): [Keys, string] => [
      { "ingress.version": version },
      `ingress.version  must be an exact version x.y.z of Traefik 3, 3.7.8 or later (got "${version}"); ${nested("ingress.version", "3.7.15")}`,
    ]),
    [
      { "ingress.image": "traefik:v3.7" },
      `ingress.image  must name an exact tag such as mongo:8.0.20 or a digest, not a tag that moves (got "traefik:v3.7"); ${nested("ingress.image", "traefik:v3.7.15")}`,
    ],
    [
      { "ingress.image": "traefik:v3.7.14" },
      'ingress.image  must carry the tag of ingress.version, v3.7.15 (got "traefik:v3.7.14"); change ingress.version or remove ingress.image',
    ],
    [
      { "ingress.directory": "/opt/mongodb-shared/traefik" },
      'ingress.directory  must be neither inside nor around mongo.directory, /opt/mongodb-shared (got "/opt/mongodb-shared/traefik"); change ingress.directory or mongo.directory',
    ],
    [
      { "ingress.bind": "localhost" },
      `ingress.bind  must be an IP address (got "localhost"); ${nested("ingress.bind", "0.0.0.0")}`,
    ],
    [
      { "ingress.bindIPv6": "0.0.0.0" },
      `ingress.bindIPv6  must be an IPv6 address (got "0.0.0.0"); ${nested("ingress.bindIPv6", "::")}`,
    ],
    [
      { "ingress.bind": "::", "ingress.bindIPv6": "::" },
      'ingress.bind  must be an IPv4 address when ingress.bindIPv6 is set (got "::"); change ingress.bind or remove ingress.bindIPv6',
    ],
    [
      { "ingress.bindIPv6": "::", "ingress.acme.challenge": "http" },
      'ingress.acme.challenge  must be tls when ingress.bindIPv6 is set (got "http"); change ingress.acme.challenge or remove ingress.bindIPv6',
    ],
    [
      { "ingress.httpPort": 61000 },
      "ingress.httpPort  must not be 60080, 60443, 61000, 61001, 61002, 61003 or 61004, which Traefik uses inside its container (got 61000); change ingress.httpPort",
    ],
    [
      { "ingress.httpsPort": 60443, "ingress.acme.challenge": "http" },
      "ingress.httpsPort  must not be 60080, 60443, 61000, 61001, 61002, 61003 or 61004, which Traefik uses inside its container (got 60443); change ingress.httpsPort",
    ],
    [
      { "ingress.httpPort": 0 },
      `ingress.httpPort  must be a whole number from 1 to 65535 (got 0); ${nested("ingress.httpPort", "80")}`,
    ],
    [
      { "ingress.httpPort": 443 },
      "ingress.httpPort  must differ from ingress.httpsPort (got 443 for both); change one of them",
    ],
    [
      { "ingress.httpsPort": 8443 },
      "ingress.httpsPort  must be 443, the port that Let's Encrypt's tls challenge calls (got 8443); set ingress.httpsPort to 443 or change ingress.acme.challenge",
    ],
    [
      { "ingress.httpPort": 8080, "ingress.acme.challenge": "http" },
      "ingress.httpPort  must be 80, the port that Let's Encrypt's http challenge calls (got 8080); set ingress.httpPort to 80 or change ingress.acme.challenge",
    ],
    [
      { "ingress.drain": "301 seconds" },
      `ingress.drain  must be from 0 seconds to 5 minutes (got "301 seconds"); ${nested("ingress.drain", "'10 seconds'")}`,
    ],
    [
      { "ingress.acme.server": "http://ca.example.org" },
      `ingress.acme.server  must be an https URL or test-ca (got "http://ca.example.org"); ${nested("ingress.acme.server", letsEncrypt)}`,
    ],
    [
      { "ingress.acme.server": "test-ca" },
      'ingress.acme.server  must not be test-ca for the public name chat.example.org, whose users would not trust it (got "test-ca"); remove ingress.acme.server, or use a name such as chat.localhost',
    ],
    [
      { "ingress.acme.email": "nobody@localhost" },
      `ingress.acme.email  must be an e-mail address (got "nobody@localhost"); ${nested("ingress.acme.email", "admin@example.org")}`,
    ],
    [
      { "ingress.acme.caFile": "no-such.pem" },
      `ingress.acme.caFile  must name a file with PEM certificates (got "no-such.pem"); ${nested("ingress.acme.caFile", "ca.pem")}`,
    ],
    [
      { "ingress.acme.caFile": notPem },
      `ingress.acme.caFile  must name a file with PEM certificates (got "${notPem}"); ${nested("ingress.acme.caFile", "ca.pem")}`,
    ],
    [
      { "ingress.acme.caFile": pem, "ingress.acme.server": "test-ca", hostname: "chat.localhost" },
      `ingress.acme.caFile  must not be set with test-ca, which brings its own root (got "${pem}"); remove ingress.acme.caFile or change ingress.acme.server`,
    ],
    [
      { "ingress.acme.challenge": "dns" },
      `ingress.acme.challenge  must be tls or http (got "dns"); ${nested("ingress.acme.challenge", "tls")}`,
    ],
    [
      { "ingress.acme.testCaImage": "pebble:latest" },
      `ingress.acme.testCaImage  must name an exact tag such as mongo:8.0.20 or a digest, not a tag that moves (got "pebble:latest"); ${nested("ingress.acme.testCaImage", "ghcr.io/letsencrypt/pebble:2.8.0")}`,
    ],
    ...[
      "chat.localhost",
      "chat.local",
      "chat.test",
      "chat.internal",
      "chat.example",
      "chat.invalid",
      "chat.lan",
      "chat.home.arpa",
    ].map((hostname): [Keys, string] => [
      { hostname, "ingress.acme.server": "https://acme-staging-v02.api.letsencrypt.org/directory" },
      `hostname  must be a public name, since Let's Encrypt gives no certificate for a reserved one (got "${hostname}"); change hostname, or set ingress.acme.server to test-ca or to a CA of your own`,
    ]),

    [
      { "ingress.acme.testCaHostnames": "two.example.org" },
      'ingress.acme.testCaHostnames  is used with ingress.acme.server test-ca only; other authorities ask the public DNS (got "two.example.org"); remove ingress.acme.testCaHostnames',
    ],
    [
      { "ingress.acme.testCaHostnames": "two.localhost,three" },
      `ingress.acme.testCaHostnames  must be lower-case dotted names with a blank between them (got "two.localhost,three"); ${nested("ingress.acme.testCaHostnames", "second.localhost")}`,
    ],

    // servers that this stack runs, and keys of those that others run
    ...["mongo.network", "mongo.admin"].map((key): [Keys, string] => [
      { [key]: "x" },
      `${key}  means nothing with mongo.mode managed (got "x"); pulumi config rm --path 'rocketchat:${key}', or change mongo.mode`,
    ]),
    ...["network", "address", "entryPoints", "certResolver"].map((key): [Keys, string] => [
      { [`ingress.${key}`]: "x" },
      `ingress.${key}  means nothing with ingress.mode managed (got "x"); pulumi config rm --path 'rocketchat:ingress.${key}', or change ingress.mode`,
    ]),

    // jitsi, uploads, resources
    [
      { "jitsi.ssl": true },
      `jitsi.domain  is required (got nothing); ${nested("jitsi.domain", "meet.example.org")}`,
    ],
    [
      { "jitsi.domain": "https://meet.example.org" },
      `jitsi.domain  must be a bare host name such as meet.example.org, without https:// and path (got "https://meet.example.org"); ${nested("jitsi.domain", "meet.example.org")}`,
    ],
    [
      { "jitsi.domain": "meet.example.org", "jitsi.mode": "embedded" },
      `jitsi.mode  must be auto or app or link (got "embedded"); ${nested("jitsi.mode", "auto")}`,
    ],
    [
      { "jitsi.domain": "meet.example.org", "jitsi.titlePrefix": "our meetings" },
      `jitsi.titlePrefix  must be at most 40 letters, digits, "-" and "_" (got "our meetings"); ${nested("jitsi.titlePrefix", "acme-")}`,
    ],
    [
      { "jitsi.domain": "meet.example.org", "jitsi.appVersion": "latest" },
      `jitsi.appVersion  must be an exact version x.y.z of the app (got "latest"); ${nested("jitsi.appVersion", "2.1.1")}`,
    ],
    [
      { "jitsi.domain": "meet.example.org", "jitsi.triggers": "!jitsi meet" },
      `jitsi.triggers  must be words with a blank between them, each "!" or "/" and at most 30 lower-case letters, digits and hyphens (got "!jitsi meet"); ${nested("jitsi.triggers", "'!jitsi /jitsi'")}`,
    ],
    [
      { "uploads.maxSize": "1023 KiB" },
      `uploads.maxSize  must be at least 1 MiB (got "1023 KiB"); ${nested("uploads.maxSize", "'100 MiB'")}`,
    ],
    [
      { "resources.rocketchat.memory": "1023 MiB" },
      `resources.rocketchat.memory  must be at least 1 GiB (got "1023 MiB"); ${nested("resources.rocketchat.memory", "'2 GiB'")}`,
    ],
    [
      { "resources.mongo.memory": "511 MiB" },
      `resources.mongo.memory  must be at least 512 MiB (got "511 MiB"); ${nested("resources.mongo.memory", "'1 GiB'")}`,
    ],
    [
      { "resources.mongo.cpus": 0 },
      `resources.mongo.cpus  must be a number of CPUs from 0.01 to 1024 with at most two decimals (got 0); ${nested("resources.mongo.cpus", "1")}`,
    ],
    [
      { "resources.traefik.pids": 31 },
      `resources.traefik.pids  must be a whole number from 32 to 100000 (got 31); ${nested("resources.traefik.pids", "200")}`,
    ],

    // keys and groups
    [
      { "mongo.oplogMb": 2048 },
      `mongo.oplogMb  was renamed mongo.oplogSize and takes a size such as "2 GiB" (got 2048); pulumi config rm --path 'rocketchat:mongo.oplogMb' and set mongo.oplogSize`,
    ],
    [
      { hostname: undefined, domain: "chat.example.org" },
      'domain  was renamed hostname (got "chat.example.org"); pulumi config rm rocketchat:domain and set hostname',
    ],
    [
      { "mongo.oplogsize": "3" },
      'mongo.oplogsize  is not a setting (got "3"); did you mean mongo.oplogSize?',
    ],
    [{ port: 3002 }, 'port  is not a setting (got "3002"); did you mean rocketchat.port?'],
    [{ "mongodb.x": 1 }, "mongodb  is not a setting (got a group of settings); did you mean mongo?"],
    [
      { constructor: "x" },
      'constructor  is not a setting (got "x"); pulumi config rm rocketchat:constructor',
    ],
    [
      { adminPassword: "hunter2" },
      "adminPassword  is not a setting (secret, 7 characters); pulumi config rm rocketchat:adminPassword",
    ],
    [
      { "mongo.password": "hunter2" },
      "mongo.password  is not a setting (secret, 7 characters); pulumi config rm --path 'rocketchat:mongo.password'",
    ],
    [
      { uploads: "100 MiB" },
      'uploads  must be a group of settings (got "100 MiB"); pulumi config rm rocketchat:uploads, then set its keys such as uploads.maxSize',
    ],
    [
      { "resources.mongo": ["1 GiB"] },
      "resources.mongo  must be a group of settings (got a list); pulumi config rm --path 'rocketchat:resources.mongo', then set its keys such as resources.mongo.memory",
    ],
    [
      { hostname: "x".repeat(100) },
      `hostname  must be a lower-case dotted name such as chat.example.org (got "${"x".repeat(60)}" and 40 more characters); ${SET} rocketchat:hostname chat.example.org`,
    ],
  ])("refuses %j", (keys, line) => {
    expect(faults(keys)).toEqual([line]);
  });

  it("refuses a dotted key that was set without --path", () => {
    expect(faults({}, { plain: { "mongo.cacheSize": "1 GiB" } })).toEqual([
      `mongo.cacheSize  must be set with --path, else its dots are part of one name (got "1 GiB"); pulumi config rm 'rocketchat:mongo.cacheSize' and set it again with --path`,
    ]);
  });
});

describe("secrets", () => {
  const fix = "pulumi config set --secret rocketchat:registrationToken";

  it("refuses a secret in plain text without showing it", () => {
    expect(faults({ registrationToken: "abc" })).toEqual([
      `registrationToken  must be stored encrypted (secret, 3 characters); ${fix}`,
    ]);
  });

  it.each(["a'b`c\"", "a\nb", "a\rb", ""])("refuses a secret that .env cannot hold: %j", (token) => {
    expect(faults({}, { secret: { registrationToken: token } })).toEqual([
      `registrationToken  must be one line that .env can hold (secret, ${token.length} characters); ${fix}`,
    ]);
  });

  it("refuses encrypted values elsewhere, and shows only their length", () => {
    const secret = { helperImage: "hunter2", admin: '{"name":"hunter2"}', registrationTokn: "hunter2" };
    expect(faults({}, { secret })).toEqual([
      "helperImage       must not be a secret: it is no secret to users (secret, 7 characters); set it again without --secret: pulumi config set rocketchat:helperImage busybox:1.37.0",
      "admin             must not hold secrets: they have keys of their own (secret, 18 characters); pulumi config rm rocketchat:admin, then set its keys again without --secret",
      "registrationTokn  is not a setting (secret, 7 characters); did you mean registrationToken?",
    ]);
  });

  it("takes an encrypted token, and keeps it out of the plain settings", () => {
    const settings = parse({}, { secret: { registrationToken: "a-token" } });
    expect(JSON.stringify(settings)).not.toContain("a-token");
  });
});

describe("the meetings' server", () => {
  const token = { "jitsi.domain": "meet.example.org", "jitsi.jwt.applicationId": "rocketchat" };
  const secret = { jitsiApplicationSecret: "hunter2" };

  it("needs no more than its name", () => {
    expect(parse({ "jitsi.domain": "meet.example.org" }).jitsi).toEqual({
      mode: "auto",
      domain: "meet.example.org",
      ssl: true,
      titlePrefix: "",
      appVersion: "2.1.1",
      triggers: ["!jitsi", "/jitsi"],
      topics: false,
    });
  });

  it("may want tokens, with a key that stays secret", () => {
    expect(
      faults({ ...token, "jitsi.mode": "app", "jitsi.jwt.applicationId": "our app" }, { secret }),
    ).toEqual([
      `jitsi.jwt.applicationId  must be one word, the server's JWT_APP_ID (got "our app"); ${nested("jitsi.jwt.applicationId", "rocketchat")}`,
    ]);
    const settings = parse({ ...token, "jitsi.mode": "app" }, { secret });
    expect(settings.jitsi?.jwt).toEqual({
      applicationId: "rocketchat",
      audience: "RocketChat",
      limitToRoom: true,
    });
    expect(JSON.stringify(settings)).not.toContain("hunter2");
    expect(faults({ ...token, "jitsi.mode": "app" })).toEqual([
      "jitsiApplicationSecret  is required with jitsi.jwt (got nothing); pulumi config set --secret rocketchat:jitsiApplicationSecret",
    ]);
    expect(faults({ "jitsi.domain": "meet.example.org" }, { secret })).toEqual([
      "jitsiApplicationSecret  means nothing with jitsi.jwt left out (secret, 7 characters); pulumi config rm rocketchat:jitsiApplicationSecret, or change jitsi.jwt",
    ]);
  });

  it("decides what it needs of Rocket.Chat's settings, and nobody else", () => {
    const owned = {
      "workspace.settings.VideoConf_Default_Provider": "BigBlueButton",
      "workspace.settings.Message_AllowUnrecognizedSlashCommand": true,
    };
    const remove = (id: string) => `pulumi config rm --path 'rocketchat:workspace.settings.${id}'`;
    expect(() => parse(owned)).not.toThrow();
    expect(faults({ ...owned, "jitsi.domain": "meet.example.org" })).toEqual([
      `workspace.settings.Message_AllowUnrecognizedSlashCommand  is decided by jitsi.triggers while there is jitsi (got true); ${remove("Message_AllowUnrecognizedSlashCommand")}`,
      `workspace.settings.VideoConf_Default_Provider             is decided by jitsi.mode while there is jitsi (got "BigBlueButton"); ${remove("VideoConf_Default_Provider")}`,
    ]);
  });

  it.each(["auto", "link"])("gets tokens from the app only, so mode %s is refused", (mode) => {
    expect(faults({ ...token, "jitsi.mode": mode }, { secret })).toEqual([
      `jitsi.mode  must be app with jitsi.jwt, since only the app signs tokens and a plain link carries none (got "${mode}"); set jitsi.mode to app, or remove jitsi.jwt`,
    ]);
  });
});

describe("servers that others run", () => {
  const mongo = {
    "mongo.mode": "existing",
    "mongo.hostname": "mongo-of-others",
    "mongo.network": "their-data",
  };
  const traefik = {
    "ingress.version": undefined,
    "ingress.mode": "existing",
    "ingress.render": "file",
    "ingress.network": "their-edge",
    "ingress.address": "their-traefik",
    "ingress.dynamicDirectory": "/srv/traefik/dynamic",
  };
  const labels = { ...traefik, "ingress.render": "labels", "ingress.dynamicDirectory": undefined };
  const secret = { mongoAdminPassword: "hunter2" };
  const remove = (key: string) => `pulumi config rm --path 'rocketchat:${key}'`;

  it("are described by what a stranger knows of them, and nothing else", () => {
    const settings = parse({ prefix: "b-", ...mongo, ...traefik }, { secret });

    expect(settings.mongo).toEqual({
      mode: "existing",
      hostname: "mongo-of-others",
      network: "their-data",
      admin: "root",
      replicaSet: "rs0",
      database: "rocketchat",
      user: "rocketchat",
      version: "8.0.20",
      image: "mongo:8.0.20",
    });
    expect(readable(settings.ingress)).toEqual({
      mode: "existing",
      render: "file",
      network: "their-edge",
      address: { name: "their-traefik", port: 443 },
      httpsPort: 443,
      entryPoints: "websecure",
      dynamicDirectory: "/srv/traefik/dynamic",
      drain: "10 seconds",
    });
    expect(JSON.stringify(settings)).not.toContain("hunter2");
  });

  it("take a port inside that is not the one outside", () => {
    const keys = { ...labels, "ingress.address": "their-traefik:8443", "ingress.certResolver": "le" };
    expect(parse(keys).ingress).toEqual({
      mode: "existing",
      render: "labels",
      network: "their-edge",
      address: { name: "their-traefik", port: 8443 },
      httpsPort: 443,
      entryPoints: ["websecure"],
      certResolver: "le",
    });
  });

  it("lack by name what they need", () => {
    expect(
      faults({ "mongo.mode": "existing", "ingress.mode": "existing", "ingress.version": undefined }),
    ).toEqual([
      `mongo.network       is required with mongo.mode existing (got nothing); ${nested("mongo.network", "data")}`,
      `mongo.hostname      is required with mongo.mode existing (got nothing); ${nested("mongo.hostname", "mongodb-shared")}`,
      "mongoAdminPassword  is required with mongo.mode existing (got nothing); pulumi config set --secret rocketchat:mongoAdminPassword",
      `ingress.render      is required with ingress.mode existing (got nothing); ${nested("ingress.render", "file")}`,
      `ingress.network     is required with ingress.mode existing (got nothing); ${nested("ingress.network", "edge")}`,
      `ingress.address     is required with ingress.mode existing (got nothing); ${nested("ingress.address", "traefik")}`,
    ]);
    expect(faults({ ...traefik, "ingress.dynamicDirectory": undefined })).toEqual([
      `ingress.dynamicDirectory  is required with ingress.render file (got nothing); ${nested("ingress.dynamicDirectory", "/opt/traefik/dynamic")}`,
    ]);
  });

  it.each<[Keys, string, string]>([
    [mongo, "mongo.directory", "/srv/mongo"],
    [mongo, "mongo.oplogSize", "1 GiB"],
    [mongo, "mongo.cacheSize", "1 GiB"],
    [mongo, "mongo.stopGrace", "1 minute"],
    [mongo, "resources.mongo.memory", "2 GiB"],
    [traefik, "ingress.version", "3.7.15"],
    [traefik, "ingress.image", "traefik:v3.7.15"],
    [traefik, "ingress.directory", "/srv/traefik"],
    [traefik, "ingress.bind", "127.0.0.1"],
    [traefik, "ingress.acme.email", "ops@example.org"],
    [traefik, "resources.traefik.memory", "1 GiB"],
    [traefik, "resources.testCa.memory", "1 GiB"],
  ])("%j refuse %s, which is for those who run them", (keys, key, value) => {
    const mode = keys === mongo ? "mongo.mode" : "ingress.mode";
    expect(faults({ ...keys, [key]: value }, keys === mongo ? { secret } : {})).toEqual([
      `${key}  means nothing with ${mode} existing (got "${value}"); ${remove(key)}, or change ${mode}`,
    ]);
  });

  it("take several entry points with blanks between them, and nothing else between", () => {
    const points = (value: string) => ({ ...labels, "ingress.entryPoints": value });
    expect(parse(points("secure secure6")).ingress).toMatchObject({ entryPoints: ["secure", "secure6"] });
    expect(faults(points("secure,secure6"))).toEqual([
      `ingress.entryPoints  must be names in Traefik with a blank between them: letters, digits, "_" and "-" (got "secure,secure6"); ${nested("ingress.entryPoints", "websecure")}`,
    ]);
  });

  it("hold no requests with labels, so they take no drain and no directory", () => {
    expect(
      faults({ ...labels, "ingress.drain": "5 seconds", "ingress.dynamicDirectory": "/srv/traefik" }),
    ).toEqual([
      `ingress.dynamicDirectory  means nothing with ingress.render labels (got "/srv/traefik"); ${remove("ingress.dynamicDirectory")}, or change ingress.render`,
      `ingress.drain             means nothing with ingress.render labels (got "5 seconds"); ${remove("ingress.drain")}, or change ingress.render`,
    ]);
  });

  it("keep their administrator's password to themselves", () => {
    expect(faults(mongo, { plain: secret })).toEqual([
      "mongoAdminPassword  must be stored encrypted (secret, 7 characters); pulumi config set --secret rocketchat:mongoAdminPassword",
    ]);
    expect(faults({}, { secret })).toEqual([
      "mongoAdminPassword  means nothing with mongo.mode managed (secret, 7 characters); pulumi config rm rocketchat:mongoAdminPassword, or change mongo.mode",
    ]);
  });

  it("are reached over a network each", () => {
    expect(faults({ ...mongo, ...traefik, "ingress.network": "their-data" }, { secret })).toEqual([
      'ingress.network  must not be the network of MongoDB too (got "their-data"); give them one each: docker network create NAME, then docker network connect NAME CONTAINER',
    ]);
    expect(faults({ ...mongo, "mongo.network": "edge" }, { secret })).toEqual([
      `mongo.network  must not be the network of this stack's Traefik too (got "edge"); give them one each: docker network create NAME, then docker network connect NAME CONTAINER`,
    ]);
  });

  it("run a version of MongoDB that is asked for when it is there; the one of mongosh must be supported", () => {
    expect(faults({ ...mongo, "mongo.version": "7.0.5" }, { secret })).toEqual([
      'mongo.version  must be MongoDB 8.0 for Rocket.Chat 8.8.1 (got "7.0.5"); change mongo.version or rocketchat.version',
    ]);
  });

  it("need no public name to be tried out, and no test CA", () => {
    expect(parse({ ...traefik, hostname: "chat.localhost" }).url).toBe("https://chat.localhost");
  });

  it.each(["traefik:0", "traefik:70000", "tra efik", "https://traefik", ""])(
    "refuse the address %j",
    (address) => {
      expect(faults({ ...traefik, "ingress.address": address })).toEqual([
        `ingress.address  must be a name on the network such as traefik or traefik:8443 (got "${address}"); ${nested("ingress.address", "traefik")}`,
      ]);
    },
  );
});

describe("all faults at once", () => {
  it("lists every fault in one RunError, the keys padded to a column", () => {
    const error = errorOf({
      hostname: "Chat",
      "mongo.cacheSize": "4 GiB",
      "resources.mongo.memory": "2 GiB",
      "rocketchat.version": undefined,
    });
    expect(RunError.isInstance(error)).toBe(true);
    // Pulumi formats a stack trace that it does not show, and needs ten seconds for it.
    expect(error.stack).toBe("");
    expect(error.message).toBe(
      [
        "rocketchat, stack prod: 3 problems in the settings",
        `  hostname            must be a lower-case dotted name such as chat.example.org (got "Chat"); pulumi config set rocketchat:hostname chat.example.org`,
        "  rocketchat.version  is required (got nothing); pulumi config set --path 'rocketchat:rocketchat.version' 8.8.1",
        "  mongo.cacheSize     must leave at least 256 MiB of the container's memory (got 4 GiB of 2 GiB); lower mongo.cacheSize or raise resources.mongo.memory",
      ].join("\n"),
    );
  });

  it("counts one problem in the singular", () => {
    expect(errorOf({ hostname: "Chat" }).message).toMatch(
      /^rocketchat, stack prod: 1 problem in the settings\n {2}hostname {2}must /,
    );
  });

  it("checks nothing across keys of which one is wrong", () => {
    expect(faults({ "mongo.cacheSize": "4 GiB", "resources.mongo.memory": "2" })).toHaveLength(1);
    expect(faults({ "mongo.cacheSize": "4 GiB", resources: "none" })).toHaveLength(1);
    expect(faults({ "rocketchat.version": "9", "mongo.version": "7.0.1" })).toHaveLength(1);
    expect(faults({ "ingress.acme.server": "test", hostname: "chat.local" })).toHaveLength(1);
  });

  it("names everything that an empty configuration lacks", () => {
    const missing = faults(Object.fromEntries(Object.keys(LEAST).map((key) => [key, undefined])));
    expect(missing.map((line) => line.split(" ")[0])).toEqual(Object.keys(LEAST));
  });
});

describe("backups", () => {
  const sftp = {
    "backup.repository": "sftp://chat@backup.example.org:2222/srv/chat",
    "backup.knownHosts": "backup.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA",
  };
  const s3 = { "backup.repository": "s3:https://s3.example.org/bucket/chat" };
  const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----";

  it("go to a directory, over sftp, or to S3, each with its own secrets", () => {
    expect(parse({ "backup.repository": "/srv/backups" }).backup).toMatchObject({
      repository: "/srv/backups",
      time: "03:30",
      keepDaily: 7,
    });
    expect(parse(sftp, { secret: { backupSftpKey: key } }).backup?.knownHosts).toMatch(/ssh-ed25519/);
    const secret = { backupS3AccessKeyId: "id", backupS3SecretAccessKey: "key" };
    expect(parse(s3, { secret }).backup?.repository).toBe("s3:https://s3.example.org/bucket/chat");
  });

  it.each([
    "backups",
    "/backups",
    "/srv/../etc",
    "sftp://backup.example.org/srv",
    "sftp://chat@backup.example.org",
    "sftp://chat:pass@backup.example.org/srv",
    "s3:s3.example.org/bucket",
    "s3:https://s3.example.org",
    "rest:http://backup.example.org/chat",
    "rest:https://user:password@backup.example.org/chat",
    "rest:https://backup.example.org",
    "s3:http://s3.example.org/bucket",
    "s3:http://192.0.2.7:9000/bucket",
    "s3:http://2130706433/bucket",
    "ftp://a@b/c",
  ])("are refused a repository such as %s", (repository) => {
    expect(faults({ "backup.repository": repository })[0]).toContain(
      "must be an absolute path of at least two levels, sftp://user@host[:port]/path, s3:https://host/bucket[/path] (http only to a container, whose name has no dots) or rest:https://host[:port]/path",
    );
  });

  it("go over http to a container's name only", () => {
    const secret = { backupS3AccessKeyId: "id", backupS3SecretAccessKey: "key" };
    const repository = "s3:http://minio:9000/bucket/chat";
    expect(parse({ "backup.repository": repository }, { secret }).backup?.repository).toBe(repository);
  });

  it.each([
    "@cert-authority backup.example.org",
    "@revoked backup.example.org",
    "*",
    "*.example.org",
    "backup.example.or?",
    "!a,b",
  ])("are refused a host key for %s, which would be trusted for other hosts", (host) => {
    const line = `${host} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA`;
    expect(faults({ ...sftp, "backup.knownHosts": line }, { secret: { backupSftpKey: key } })[0]).toContain(
      "each with a host by name, a type and a key, without patterns and markers",
    );
  });

  it("take the comments and empty lines of a known_hosts file, and not those alone", () => {
    const line = "backup.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA";
    const given = (text: string) =>
      parse({ ...sftp, "backup.knownHosts": text }, { secret: { backupSftpKey: key } });
    const text = `# backup.example.org:22 SSH-2.0-OpenSSH\n\n${line}\n`;
    expect(given(text).backup?.knownHosts).toBe(text);
    expect(() => given("# nothing\n")).toThrow(/backup\.knownHosts/);
  });

  it("take a host key for a hashed name, several names and a port", () => {
    for (const host of [
      "|1|c2FsdA==|aGFzaA==",
      "backup.example.org,192.0.2.7",
      "[backup.example.org]:2222",
    ]) {
      const line = `${host} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA`;
      expect(
        parse({ ...sftp, "backup.knownHosts": line }, { secret: { backupSftpKey: key } }).backup?.knownHosts,
      ).toBe(line);
    }
  });

  it("are told what is missing and what is too much", () => {
    expect(faults({ "backup.time": "3:30" })).toEqual([
      `backup.repository  is required (got nothing); ${nested("backup.repository", "/var/backups/rocketchat")}`,
      `backup.time        must be hours and minutes from 00:00 to 23:59 (got "3:30"); ${nested("backup.time", "03:30")}`,
    ]);
    expect(faults({ ...sftp, "backup.knownHosts": undefined })).toEqual([
      `backup.knownHosts  is required with backup.repository sftp (got nothing); ${nested("backup.knownHosts", "'backup.example.org ssh-ed25519 AAAA…'")}`,
      "backupSftpKey      is required with backup.repository sftp (got nothing); pulumi config set --secret rocketchat:backupSftpKey",
    ]);
    expect(faults({}, { secret: { backupSftpKey: key } })).toEqual([
      `backupSftpKey  means nothing with backup none (secret, ${key.length} characters); pulumi config rm rocketchat:backupSftpKey, or change backup`,
    ]);
  });

  it("may go to a store that gives nothing away, where that is a server", () => {
    const rest = {
      "backup.repository": "rest:https://backup.example.org:8000/chat",
      "backup.appendOnly": true,
    };
    const secret = { backupRestUser: "chat", backupRestPassword: "p" };
    expect(parse(rest, { secret }).backup).toMatchObject({ appendOnly: true });
    expect(faults(rest)).toEqual([
      "backupRestUser      is required with backup.repository rest (got nothing); pulumi config set --secret rocketchat:backupRestUser",
      "backupRestPassword  is required with backup.repository rest (got nothing); pulumi config set --secret rocketchat:backupRestPassword",
    ]);
    expect(faults({ "backup.repository": "/srv/backups", "backup.appendOnly": true })).toEqual([
      expect.stringMatching(/^backup\.appendOnly +means nothing with backup\.repository path \(got true\)/),
    ]);
    expect(faults({ ...rest, "backup.caCertificate": "ca.pem" }, { secret })).toEqual([
      expect.stringMatching(/^backup\.caCertificate +must be certificates in PEM, /),
    ]);
  });

  it("lie neither inside nor around what they are a backup of", () => {
    expect(faults({ "backup.repository": "/opt/rocketchat/backups" })).toEqual([
      'backup.repository  must be neither inside nor around directory, /opt/rocketchat (got "/opt/rocketchat/backups"); change backup.repository or directory',
    ]);
  });
});

describe("settings that would harm", () => {
  const uploads = "uploads.directory";

  it.each([
    "/tmp/x",
    "/run/x",
    "/dev/shm",
    "/proc/1",
    "/sys/fs",
    "/etc/chat",
    "/usr/local",
    "/boot/x",
    "/var/run",
    "/var/run/x",
    "/var/lib/docker",
    "/var/lib/docker/volumes",
    "/root/chat",
    "/var/lib/rocketchat-places",
    "/var/lib",
    "/var/log",
    "/bin/x",
  ])("are refused %s for each directory", (path) => {
    for (const key of [
      uploads,
      "rocketchat.dataDirectory",
      "mongo.dataDirectory",
      "mongo.directory",
      "directory",
      "ingress.directory",
      "backup.repository",
    ]) {
      const found = faults({ [key]: path });
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(
        new RegExp(`^${key}  must be a directory of this service alone, not (in|around) /`),
      );
    }
  });

  it.each([
    "/opt/rocketchat/backup",
    "/opt/rocketchat/backup/scripts",
    "/opt/rocketchat/.env",
    "/opt/rocketchat/secrets",
    "/opt/traefik",
    "/opt/traefik/acme",
    "/opt/mongodb-shared",
    "/opt/mongodb-shared/secrets",
  ])("are refused %s for uploads and data: another part's", (path) => {
    for (const key of [uploads, "rocketchat.dataDirectory"]) {
      expect(faults({ [key]: path })[0]).toMatch(new RegExp(`^${key}  must be neither `));
    }
  });

  it("are refused a MongoDB with a name that another container of this stack bears or gets for a while", () => {
    for (const prefix of ["", "chat-"]) {
      for (const name of namesBesideMongo({ prefix }))
        expect(faults({ prefix, "mongo.hostname": name })[0]).toContain("the name of another container");
      for (const name of [
        "rocketchat",
        "rocketchat-backup",
        "rocketchat-restore",
        "rocketchat-maintenance",
        "rocketchat-drill",
        "rocketchat-drill-mongo",
        "traefik",
        "test-ca",
      ]) {
        expect(faults({ prefix, "mongo.hostname": `${prefix}${name}` })).toEqual([
          `mongo.hostname  must not be the name of another container that this stack makes or removes (got "${prefix}${name}"); choose another, such as ${prefix}mongodb-shared`,
        ]);
      }
    }
    expect(faults({ "mongo.hostname": "localhost" })[0]).toContain(
      "must be a name under which other containers find MongoDB",
    );
    expect(parse({ prefix: "chat-", "mongo.hostname": "rocketchat-backup" }).mongo.hostname).toBe(
      "rocketchat-backup",
    );
  });

  it("are refused a network of Docker's own or of this stack for a Traefik of others", () => {
    const existing = {
      "ingress.mode": "existing",
      "ingress.render": "labels",
      "ingress.address": "traefik",
      "ingress.version": undefined,
    };
    for (const network of ["none", "bridge", "host", "default"])
      expect(faults({ ...existing, "ingress.network": network })[0]).toMatch(
        /^ingress.network {2}must be a network made for it, not one of Docker's own/,
      );
    expect(
      faults({ ...existing, "ingress.network": "egress", "backup.repository": "/srv/backups" })[0],
    ).toMatch(/^ingress.network {2}must not be a network that this stack makes for itself/);
    expect(parse({ ...existing, "ingress.network": "edge" }).ingress).toMatchObject({ network: "edge" });
  });

  it("are refused a bot with the name of an account that is there already", () => {
    expect(faults({ "admin.username": "Clerk", "workspace.bots.clerk.name": "x" })).toEqual([
      'workspace.bots.clerk  must not have the administrator\'s name (got "clerk"); choose another name',
    ]);
    expect(faults({ "admin.username": "rocket.cat" })[0]).toContain(
      "must not be the name of Rocket.Chat's own account",
    );
  });
});

describe("good values", () => {
  it.each<[Keys]>([
    [{ engine: "ssh://deploy@host.example.org:2222" }],
    [{ engine: "unix:///run/user/1000/docker.sock" }],
    [{ hostname: "a.b" }],
    [{ prefix: `a${"b".repeat(20)}-` }],
    [{ prefix: "" }],
    [{ directory: "/srv/Chat_1.0/x-y" }],
    [{ directory: "/opt/rocketchat2", "mongo.directory": "/opt/rocketchat" }],
    [{ helperImage: `busybox:latest@${digest}` }],
    [{ "rocketchat.image": `rocketchat/rocket.chat:8.8.1@${digest}` }],
    [{ "rocketchat.image": `ghcr.io/team/chat:stable@${digest}` }],
    [{ "mongo.image": `mongo:8.0.20-noble@${digest}` }],
    [{ "ingress.image": `traefik:v3.7.15@${digest}` }],
    [{ "rocketchat.version": "8.6.0-rc.1" }],
    [{ "rocketchat.version": "7.10.0", "mongo.version": "5.0.1" }],
    [{ "rocketchat.version": "8.0.0", "mongo.version": "8.2.0" }],
    [{ "rocketchat.version": "8.2.0" }],
    [{ "rocketchat.version": "9.0.0" }],
    [{ "rocketchat.bypassMongoValidation": true, "mongo.version": "6.0.5" }],
    [{ "rocketchat.version": "8.5.3" }],
    [{ "rocketchat.version": "8.6.0", "workspace.roles.admin.mandatory2fa": true }],
    [{ "rocketchat.image": "rocketchat/rocket.chat:8.8.1-fips" }],
    [{ "rocketchat.image": `lab/rocketchat:${"0af".repeat(4)}` }],
    [{ "mongo.image": "mongo:8.0.20-noble" }],
    [{ "admin.name": 'Zoë "the boss" O\'Hara' }],
    [{ "mongo.oplogSize": "990 MiB" }],
    [{ "mongo.oplogSize": "50 GiB" }],
    [{ "mongo.cacheSize": "768 MiB" }],
    [{ "ingress.version": "3.7.8" }],
    [{ "ingress.version": "3.10.0" }],
    [{ "ingress.bind": "::1" }],
    [{ "ingress.bindIPv6": "::" }],
    [{ "ingress.bind": "127.0.0.1", "ingress.bindIPv6": "fd00::1" }],
    [{ "ingress.drain": "5 minutes" }],
    [{ "ingress.drain": "0 seconds" }],
    [{ "ingress.httpPort": 8080 }],
    [{ "ingress.httpsPort": 8443, "ingress.acme.challenge": "http" }],
    [{ "ingress.httpsPort": 8443, "ingress.acme.server": "https://ca.example.org/acme" }],
    [{ hostname: "chat.lan", "ingress.acme.server": "https://ca.lan/acme", "ingress.acme.caFile": pem }],
    [{ hostname: "chat.localhost", "ingress.acme.server": "test-ca" }],
    [{ hostname: "chat.thelocal" }],
    [{ "resources.rocketchat.memory": "1 GiB", "resources.rocketchat.cpus": 1.75 }],
    [{ "uploads.maxSize": "1 MiB" }],
  ])("takes %j", (keys) => {
    expect(parse(keys).stack).toBe("prod");
  });

  it("fills in every default", () => {
    const { hostname: url, ...settings } = parse({});
    expect([url, settings.url]).toEqual(["chat.example.org", "https://chat.example.org"]);
    expect(readable(settings)).toEqual({
      stack: "prod",
      engine: "unix:///var/run/docker.sock",
      url: "https://chat.example.org",
      prefix: "",
      directory: "/opt/rocketchat",
      helperImage: "busybox:1.37.0",
      rocketchat: {
        version: "8.8.1",
        image: "rocketchat/rocket.chat:8.8.1",
        port: 3000,
        stopGrace: "30 seconds",
        bypassMongoValidation: false,
        dataDirectory: "/opt/rocketchat/data",
      },
      admin: { username: "admin", name: "Administrator", passwordGeneration: 1 },
      mongo: {
        mode: "managed",
        hostname: "mongodb-shared",
        replicaSet: "rs0",
        database: "rocketchat",
        user: "rocketchat",
        version: "8.0.20",
        image: "mongo:8.0.20",
        directory: "/opt/mongodb-shared",
        dataDirectory: "/opt/mongodb-shared/data",
        oplogSize: "1 GiB",
        cacheSize: "512 MiB",
        openFiles: 64000,
        stopGrace: "1 minute",
      },
      ingress: {
        mode: "managed",
        version: "3.7.15",
        image: "traefik:v3.7.15",
        directory: "/opt/traefik",
        bind: "0.0.0.0",
        connectionsPerAddress: 1000,
        neighboursMayConnect: false,
        httpPort: 80,
        httpsPort: 443,
        drain: "10 seconds",
        acme: { server: letsEncrypt, challenge: "tls", testCaImage: "ghcr.io/letsencrypt/pebble:2.8.0" },
      },
      uploads: {
        maxSize: "100 MiB",
        storage: "FileSystem",
        directory: "/opt/rocketchat/uploads",
        emojiStorage: "FileSystem",
        soundStorage: "FileSystem",
        s3: { pathStyle: false },
      },
      workspace: {
        organisation: {},
        registration: {},
        signIn: {},
        twoFactor: {},
        notifications: {},
        bots: {},
        channels: {},
        incomingWebhooks: {},
        outgoingWebhooks: {},
        permissions: {},
        roles: {},
      },
      resources: {
        rocketchat: { memory: "2 GiB", cpus: 2, pids: 500 },
        mongo: { memory: "1 GiB", cpus: 1, pids: 400 },
        traefik: { memory: "512 MiB", cpus: 1, pids: 200 },
        testCa: { memory: "128 MiB", cpus: 1, pids: 100 },
        backup: { memory: "1 GiB", cpus: 1, pids: 200 },
      },
    });
  });

  it("puts the prefix before every default name, and before none that is given", () => {
    const given = parse({
      prefix: "a-",
      "mongo.hostname": "shared",
      "ingress.directory": "/srv/traefik",
    });
    const { directory } = given;
    const { mongo, ingress } = managedServers(given);
    expect([directory, mongo.directory, mongo.hostname, ingress.directory]).toEqual([
      "/opt/a-rocketchat",
      "/opt/a-mongodb-shared",
      "shared",
      "/srv/traefik",
    ]);
    const defaults = managedServers(parse({ prefix: "a-" }));
    expect([defaults.mongo.hostname, defaults.ingress.directory]).toEqual([
      "a-mongodb-shared",
      "/opt/a-traefik",
    ]);
  });

  it("puts a port of its own into the address", () => {
    expect(parse({ "ingress.httpsPort": 8443, "ingress.acme.challenge": "http" }).url).toBe(
      "https://chat.example.org:8443",
    );
  });
});

it("has one reader of Pulumi's configuration", () => {
  const readers = [
    "parse",
    "read",
    "resolve",
    "cross-checks/index",
    "schema",
    "leaf",
    "keys",
    "problems",
  ].filter((file) =>
    /from "@pulumi\/pulumi"/.test(
      readFileSync(join(__dirname, "..", "settings", `${file}.ts`), "utf8").replace(/^import type .*$/gm, ""),
    ),
  );
  expect(readers).toEqual([]);
});

interface Extra {
  secret?: Record<string, string>;
  plain?: Record<string, string>;
}

function parse(keys: Keys, { secret = {}, plain = {} }: Extra = {}): PlainSettings {
  const config: Record<string, string> = {};
  for (const [key, value] of Object.entries(treeOf({ ...LEAST, ...keys }))) {
    config[key] = typeof value === "string" ? value : JSON.stringify(value);
  }
  return parseSettings({
    stack: "prod",
    config: { ...config, ...plain, ...secret },
    secretKeys: new Set(Object.keys(secret)),
  });
}

function errorOf(keys: Keys, extra?: Extra): Error {
  try {
    parse(keys, extra);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("no fault was found");
}

/** The lines of the error, without the first and without the indent. */
function faults(keys: Keys, extra?: Extra): string[] {
  return errorOf(keys, extra)
    .message.split("\n")
    .slice(1)
    .map((line) => line.slice(2));
}

function treeOf(keys: Keys): Keys {
  const tree: Keys = {};
  for (const [key, value] of Object.entries(keys)) {
    const names = key.split(".");
    const last = names.pop() ?? "";
    let node = tree;
    for (const name of names) node = (node[name] ??= {}) as Keys;
    if (value !== undefined) node[last] = value;
  }
  return tree;
}

/** Durations and sizes as their text. */
function readable(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return (value as ByteSize | Duration).toString();
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, readable(part)]));
}

describe("a file that a setting names", () => {
  const directory = mkdtempSync(join(tmpdir(), "rocketchat-named-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const pipe = join(directory, "pipe");
  execFileSync("mkfifo", [pipe]);
  const large = join(directory, "large.pem");
  writeFileSync(large, "x".repeat((1 << 20) + 1));

  it.each(["/dev/zero", pipe, directory, large])(
    "is refused when it is no regular file or too large: %s",
    (path) => {
      expect(faults({ "ingress.acme.caFile": path })[0]).toContain("must name a file with PEM certificates");
      expect(
        faults({
          "workspace.incomingWebhooks.a.channel": "general",
          "workspace.incomingWebhooks.a.script": path,
        }).join(),
      ).toContain("must name a file of at most 64 KiB");
    },
  );
});
