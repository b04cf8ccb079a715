import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { backupSchema, type BackupSettings } from "./backup";
import { canQuoteEnvValue } from "./dotenv";
import { ingressSchema, type IngressSettings } from "./ingress";
import { jitsiSchema, type JitsiSettings } from "./jitsi";
import { directory, image, text } from "./leaf";
import { mongoSchema, type MongoSettings } from "./mongo";
import { isHostname, isPort } from "./names";
import { isOpenPrivateKey } from "./private-key";
import { resourcesSchema, type ResourcesSettings } from "./resources";
import {
  adminSchema,
  rocketchatSchema,
  uploadsSchema,
  type AdminSettings,
  type RocketChatSettings,
  type UploadsSettings,
} from "./rocketchat";
import { workspaceSchema, type WorkspaceSettings } from "./workspace";
import { isNamedSecret } from "./workspace/secrets";

export type { Resources } from "./resources";

/** What the components get: every key resolved, in the types that they use. */
export interface Settings {
  /** The Pulumi stack, such as `prod`. */
  stack: string;

  /**
   * The Docker engine: `unix:///path` of a socket on this machine, or `ssh://user@host[:port]`.
   * @default "unix:///var/run/docker.sock"
   */
  engine: string;

  /** The name in the address that users type; required. Lower-case and dotted, no IP address, no wildcard. */
  hostname: string;

  /** Derived: `https://` and the host name, with `ingress.httpsPort` unless that is 443. */
  url: string;

  /**
   * Goes before the name of every container and network and of every default directory, so that several
   * stacks can share an engine. Empty, or lower-case letters, digits and hyphens with a hyphen at the end.
   * @default ""
   */
  prefix: string;

  /**
   * On the host: uploads, data, `.env` and the secrets of Rocket.Chat.
   * @default "/opt/<prefix>rocketchat"
   */
  directory: string;

  /** The image whose shell prepares directories and files on the host, such as busybox:1.37.0; required. */
  helperImage: string;

  rocketchat: RocketChatSettings;
  admin: AdminSettings;
  mongo: MongoSettings;
  ingress: IngressSettings;

  /** Left out: no video conferences are set up. */
  jitsi?: JitsiSettings;

  uploads: UploadsSettings;
  workspace: WorkspaceSettings;

  /** Left out: no backups are made. */
  backup?: BackupSettings;

  resources: ResourcesSettings;
  secrets: SecretSettings;
}

/** Flat keys, stored with `pulumi config set --secret`; never part of a group, which would lose the secrecy. */
export interface SecretSettings {
  /**
   * Registers the workspace with Rocket.Chat's cloud at its first start (`REG_TOKEN`; a token works once).
   * Left out: the workspace stays unregistered until somebody does it by hand.
   */
  registrationToken?: pulumi.Output<string>;

  /** The password of `mongo.admin`; required with `mongo.mode` `existing`, and never written anywhere by this program. */
  mongoAdminPassword?: pulumi.Output<string>;

  /** Signs the tokens of `jitsi.jwt`: the server's `JWT_APP_SECRET`; required with it. */
  jitsiApplicationSecret?: pulumi.Output<string>;
  /** A licence of Rocket.Chat (`ROCKETCHAT_LICENSE`), applied at a start that finds no valid one. */
  licence?: pulumi.Output<string>;

  /** The password of `workspace.mail.user`. */
  smtpPassword?: pulumi.Output<string>;

  /** The last part of the registration form's address. Left out: the one that Rocket.Chat made at its first start. */
  registrationSecretUrl?: pulumi.Output<string>;

  /** What a service that people log in with gave along with the client's id. */
  googleClientSecret?: pulumi.Output<string>;
  githubClientSecret?: pulumi.Output<string>;
  gitlabClientSecret?: pulumi.Output<string>;

  /** Left out: the store is asked without a key. */
  uploadsS3AccessKeyId?: pulumi.Output<string>;
  uploadsS3SecretAccessKey?: pulumi.Output<string>;

  /** `<name>ClientSecret` of custom services and `secretSetting_<id>`, by their whole keys. */
  named?: Record<string, pulumi.Output<string>>;
  /** For a repository on s3, required there. */
  backupS3AccessKeyId?: pulumi.Output<string>;
  backupS3SecretAccessKey?: pulumi.Output<string>;

  /** For a repository on a server of restic's REST protocol, required there. */
  backupRestUser?: pulumi.Output<string>;
  backupRestPassword?: pulumi.Output<string>;

  /** The private key, without a passphrase, for a repository over sftp; required there. */
  backupSftpKey?: pulumi.Output<string>;
}

/** A secret whose key is fixed. */
export type SecretKey = Exclude<keyof SecretSettings, "named">;

/** Every key that may be set, apart from the secrets. */
export const schema = z.strictObject({
  engine: text(
    "unix:///var/run/docker.sock",
    "must be unix:///path/of/socket or ssh://user@host[:port]",
    isEngine,
  ).default("unix:///var/run/docker.sock"),
  hostname: text("chat.example.org", "must be a lower-case dotted name such as chat.example.org", isHostname),
  prefix: text(
    "local-",
    "must be empty, or a letter, at most 20 letters, digits and hyphens, and a hyphen, lower-case",
    (value) => /^([a-z][a-z0-9-]{0,20}-)?$/.test(value),
  ).default(""),
  directory: directory("/opt/rocketchat").optional(),
  helperImage: image("busybox:1.37.0"),
  rocketchat: rocketchatSchema,
  admin: adminSchema,
  mongo: mongoSchema,
  ingress: ingressSchema,
  jitsi: jitsiSchema.optional(),
  uploads: uploadsSchema,
  workspace: workspaceSchema,
  backup: backupSchema.optional(),
  resources: resourcesSchema,
});

/** What the schema makes of the configuration, before defaults that depend on other keys. */
export type Values = z.output<typeof schema>;

/** A secret key: what its value must be, and whether it is. */
export interface SecretRule {
  rule: string;
  good: (value: string) => boolean;
  /** What stands for it where nothing is deployed. @default a word */
  placeholder?: string;
}

const line: SecretRule = {
  rule: "must be one line of at least one character",
  good: (value) => /^\P{Cc}+$/u.test(value),
};

const envLine: SecretRule = {
  rule: "must be one line that .env can hold",
  good: (value) => line.good(value) && canQuoteEnvValue(value),
};

const s3Key: SecretRule = {
  rule: "must be one line without blanks",
  good: (value) => /^[\x21-\x7e]+$/.test(value),
};

export const secretRules: Record<SecretKey, SecretRule> = {
  registrationToken: envLine,
  mongoAdminPassword: line,
  jitsiApplicationSecret: line,
  licence: envLine,
  smtpPassword: line,
  registrationSecretUrl: line,
  googleClientSecret: line,
  githubClientSecret: line,
  gitlabClientSecret: line,
  uploadsS3AccessKeyId: envLine,
  uploadsS3SecretAccessKey: envLine,
  backupS3AccessKeyId: s3Key,
  backupS3SecretAccessKey: s3Key,
  backupRestUser: line,
  backupRestPassword: line,
  backupSftpKey: {
    rule: "must be a private key as ssh-keygen writes it, without a passphrase",
    placeholder: "-----BEGIN OPENSSH PRIVATE KEY-----\nplaceholder\n-----END OPENSSH PRIVATE KEY-----",
    good: isOpenPrivateKey,
  },
};

/** The rule of a secret key, one with a name of the operator's included; undefined for what is no secret key. */
export function secretRuleOf(key: string): SecretRule | undefined {
  if (Object.hasOwn(secretRules, key)) return secretRules[key as SecretKey];
  if (!isNamedSecret(key)) return undefined;
  return { rule: "must be at least one character", good: (value) => value !== "" };
}

/** Keys of earlier releases: their new name, and what else changed. */
export const renamedKeys: Record<string, { to: string; and?: string }> = {
  "mongo.oplogMb": { to: "mongo.oplogSize", and: 'takes a size such as "2 GiB"' },
  domain: { to: "hostname" },
};

function isEngine(value: string): boolean {
  const socket = /^unix:\/\/\/[^\s]+$/;
  const ssh =
    /^ssh:\/\/[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::(.*))?$/s.exec(value);
  return socket.test(value) || (ssh !== null && (ssh[1] === undefined || isPort(ssh[1])));
}

/** All but the secrets, which only Pulumi can hand out as such. */
export type PlainSettings = Omit<Settings, "secrets">;
