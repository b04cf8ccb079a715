import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { rocketChatEnvironment } from "../components/chat/rocketchat-environment";
import { settingOverrides } from "../settings/setting-overrides";
import { apiSettings } from "../components/workspace/api-settings";
import { parseSettings } from "../settings/parse";
import type { SecretSettings, Settings } from "../settings/schema";
import { goneSettings } from "../settings/workspace/gone-settings";
import { knownSettings } from "../settings/workspace/known-settings";
import { ownedIds, ownerOf } from "../settings/workspace/owned-ids";
import { signInCallbacks } from "../settings/workspace/sign-in";
import { aSecret } from "./fixtures";
import { isSecret, valueOf } from "./graph";

type Group = Record<string, unknown>;

interface Stack {
  workspace?: Group;
  uploads?: Group;
  secrets?: Record<string, string>;
  version?: string;
}

function parsed({ workspace, uploads, secrets = {}, version = "8.8.1" }: Stack) {
  return parseSettings({
    stack: "prod",
    config: {
      hostname: "chat.example.org",
      helperImage: "busybox:1.37.0",
      rocketchat: JSON.stringify({ version }),
      mongo: '{"version":"8.0.20"}',
      ingress: '{"version":"3.7.15"}',
      ...(workspace && { workspace: JSON.stringify(workspace) }),
      ...(uploads && { uploads: JSON.stringify(uploads) }),
      ...secrets,
    },
    secretKeys: new Set(Object.keys(secrets)),
  });
}

/** As `loadSettings` hands them out. */
function settingsOf(stack: Stack): Settings {
  const entries = Object.entries(stack.secrets ?? {}).map(([key, value]) => [key, pulumi.secret(value)]);
  const all = Object.fromEntries(entries) as SecretSettings & Record<string, pulumi.Output<string>>;
  return { ...parsed(stack), secrets: { ...all, named: all } };
}

/** The lines of the error, blanks after the key taken together. */
function faults(stack: Stack): string[] {
  try {
    parsed(stack);
  } catch (error) {
    return String((error as Error).message)
      .split("\n")
      .slice(1)
      .map((line) => line.trim().replace(/^(\S+) {2,}/, "$1  "));
  }
  return [];
}

/** By API: values as they are, secrets between angle brackets. */
async function applied(stack: Stack): Promise<Record<string, unknown>> {
  const entries = Object.entries(apiSettings(settingsOf(stack))).map(async ([id, value]) => {
    if (!pulumi.Output.isInstance(value)) return [id, value] as const;
    expect(await isSecret(value)).toBe(true);
    return [id, `<${String(await valueOf(value))}>`] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function environment(stack: Stack): Record<string, unknown> {
  const learnt = aSecret("x");
  return rocketChatEnvironment(settingsOf(stack), {
    database: { uri: learnt, oplogUri: undefined },
    adminPassword: learnt,
  });
}

const mail = { host: "smtp.example.org", sender: "chat@example.org" };
const oauth = { clientId: "id" };
const set = (key: string, example: string) =>
  `pulumi config set --path 'rocketchat:workspace.${key}' ${example}`;
const remove = (key: string) => `pulumi config rm --path 'rocketchat:workspace.${key}'`;
const secret = (key: string) => `pulumi config set --secret rocketchat:${key}`;

describe("what the API applies", () => {
  it("is nothing where nothing is said", async () => {
    expect(await applied({})).toEqual({});
  });

  it.each<[string, Stack, Record<string, unknown>]>([
    [
      "an organisation, with its size as Rocket.Chat numbers it",
      {
        workspace: {
          organisation: {
            name: "Example",
            type: "nonprofit",
            size: "1-10",
            industry: "education",
            country: "france",
            website: "https://example.org",
            siteName: "Chat",
            language: "fr",
            serverType: "privateTeam",
          },
        },
      },
      {
        Organization_Name: "Example",
        Organization_Type: "nonprofit",
        Size: "0",
        Industry: "education",
        Country: "france",
        Website: "https://example.org",
        Site_Name: "Chat",
        Language: "fr",
        Server_Type: "privateTeam",
      },
    ],
    ["the largest organisation", { workspace: { organisation: { size: "4000+" } } }, { Size: "7" }],
    [
      "a registration by a secret address",
      {
        workspace: {
          registration: {
            form: "Secret URL",
            manualApproval: true,
            allowedDomains: "example.org example.net",
            verifyEmail: false,
          },
        },
        secrets: { registrationSecretUrl: "hush" },
      },
      {
        Accounts_RegistrationForm: "Secret URL",
        Accounts_RegistrationForm_SecretURL: "<hush>",
        Accounts_ManuallyApproveNewUsers: true,
        Accounts_AllowedDomainsList: "example.org,example.net",
        Accounts_EmailVerification: false,
      },
    ],
    [
      "a password policy, whole as soon as one key of it is set",
      { workspace: { passwordPolicy: { special: false } } },
      {
        Accounts_Password_Policy_Enabled: true,
        Accounts_Password_Policy_MinLength: 14,
        Accounts_Password_Policy_MaxLength: -1,
        Accounts_Password_Policy_AtLeastOneLowercase: true,
        Accounts_Password_Policy_AtLeastOneUppercase: true,
        Accounts_Password_Policy_AtLeastOneNumber: true,
        Accounts_Password_Policy_AtLeastOneSpecialCharacter: false,
        Accounts_Password_Policy_ForbidRepeatingCharacters: false,
      },
    ],
    [
      "mail over STARTTLS with a login",
      { workspace: { mail: { ...mail, user: "chat" } }, secrets: { smtpPassword: "hush" } },
      {
        SMTP_Protocol: "smtp",
        SMTP_IgnoreTLS: false,
        SMTP_Host: "smtp.example.org",
        SMTP_Port: "587",
        SMTP_Username: "chat",
        SMTP_Password: "<hush>",
        From_Email: "chat@example.org",
      },
    ],
    [
      "mail over TLS on a port of its own, without a login",
      { workspace: { mail: { ...mail, tls: "tls", port: 4465 } } },
      {
        SMTP_Protocol: "smtps",
        SMTP_IgnoreTLS: false,
        SMTP_Host: "smtp.example.org",
        SMTP_Port: "4465",
        SMTP_Username: "",
        SMTP_Password: "",
        From_Email: "chat@example.org",
      },
    ],
    [
      "two-factor authentication",
      { workspace: { twoFactor: { enabled: true, totp: true, email: false, remember: "1 hour" } } },
      {
        Accounts_TwoFactorAuthentication_Enabled: true,
        Accounts_TwoFactorAuthentication_By_TOTP_Enabled: true,
        Accounts_TwoFactorAuthentication_By_Email_Enabled: false,
        Accounts_TwoFactorAuthentication_RememberFor: 3600,
      },
    ],
    [
      "what notifications show, and to whom they go",
      {
        workspace: {
          notifications: { pushShowsMessage: false, emailDefault: "nothing", pushDefault: "all" },
        },
      },
      {
        Push_show_message: false,
        Accounts_Default_User_Preferences_emailNotificationMode: "nothing",
        Accounts_Default_User_Preferences_pushNotifications: "all",
      },
    ],
    [
      "types of uploads",
      { uploads: { allowedTypes: "image/* application/pdf", refusedTypes: "image/svg+xml", protect: true } },
      {
        FileUpload_MediaTypeWhiteList: "image/*,application/pdf",
        FileUpload_MediaTypeBlackList: "image/svg+xml",
        FileUpload_ProtectFiles: true,
      },
    ],
    [
      "settings by their ids, known and unknown ones, and secret ones",
      {
        workspace: {
          settings: {
            API_Enable_CORS: true,
            Accounts_LoginExpiration: 30,
            Default_Referrer_Policy: "origin",
          },
          unknownSettings: { Brand_New: 5 },
        },
        secrets: { secretSetting_LDAP_Authentication_Password: "hush" },
      },
      {
        API_Enable_CORS: true,
        Accounts_LoginExpiration: 30,
        Default_Referrer_Policy: "origin",
        Brand_New: 5,
        LDAP_Authentication_Password: "<hush>",
      },
    ],
  ])("is %s", async (_what, stack, expected) => {
    expect(await applied(stack)).toEqual(expected);
  });

  it("is all of a service to log in with; at a start only a custom one's name is read", async () => {
    const stack: Stack = {
      workspace: {
        signIn: {
          google: oauth,
          github: { ...oauth, enabled: false },
          gitlab: { ...oauth, url: "https://git.example.org" },
          custom: {
            keycloak: { ...oauth, url: "https://login.example.org", usernameField: "preferred_username" },
          },
        },
      },
      secrets: {
        googleClientSecret: "a",
        githubClientSecret: "b",
        gitlabClientSecret: "c",
        keycloakClientSecret: "d",
      },
    };
    expect(await applied(stack)).toEqual({
      Accounts_OAuth_Google_id: "id",
      Accounts_OAuth_Google_secret: "<a>",
      Accounts_OAuth_Google: true,
      Accounts_OAuth_Github_id: "id",
      Accounts_OAuth_Github_secret: "<b>",
      Accounts_OAuth_Github: false,
      API_Gitlab_URL: "https://git.example.org",
      Accounts_OAuth_Gitlab_merge_users: false,
      Accounts_OAuth_Gitlab_id: "id",
      Accounts_OAuth_Gitlab_secret: "<c>",
      Accounts_OAuth_Gitlab: true,
      "Accounts_OAuth_Custom-Keycloak-url": "https://login.example.org",
      "Accounts_OAuth_Custom-Keycloak-id": "id",
      "Accounts_OAuth_Custom-Keycloak-secret": "<d>",
      "Accounts_OAuth_Custom-Keycloak-authorize_path": "/oauth/authorize",
      "Accounts_OAuth_Custom-Keycloak-token_path": "/oauth/token",
      "Accounts_OAuth_Custom-Keycloak-identity_path": "/me",
      "Accounts_OAuth_Custom-Keycloak-scope": "openid",
      "Accounts_OAuth_Custom-Keycloak-token_sent_via": "payload",
      "Accounts_OAuth_Custom-Keycloak-identity_token_sent_via": "default",
      "Accounts_OAuth_Custom-Keycloak-login_style": "popup",
      "Accounts_OAuth_Custom-Keycloak-key_field": "username",
      "Accounts_OAuth_Custom-Keycloak-username_field": "preferred_username",
      "Accounts_OAuth_Custom-Keycloak-merge_users": false,
      "Accounts_OAuth_Custom-Keycloak-button_label_text": "Keycloak",
      "Accounts_OAuth_Custom-Keycloak": true,
    });
    const { url, workspace } = parsed(stack);
    expect(signInCallbacks(url, workspace.signIn)).toEqual({
      google: "https://chat.example.org/_oauth/google",
      github: "https://chat.example.org/_oauth/github",
      gitlab: "https://chat.example.org/_oauth/gitlab",
      keycloak: "https://chat.example.org/_oauth/keycloak",
    });
    expect(signInCallbacks(url, {})).toBeUndefined();
    expect(environment(stack)).toMatchObject({ Accounts_OAuth_Custom_Keycloak: "false" });
    expect(JSON.stringify(Object.keys(environment(stack)))).not.toMatch(/_secret|_id"/);
  });
});

describe("what Rocket.Chat reads at its start", () => {
  it("is its bucket, with the keys as secrets", async () => {
    const stack: Stack = {
      uploads: {
        storage: "AmazonS3",
        s3: { bucket: "chat", region: "eu", endpoint: "https://s3.example.org", pathStyle: true },
      },
      secrets: { uploadsS3AccessKeyId: "AKIA", uploadsS3SecretAccessKey: "hush" },
    };
    const env = environment(stack);
    expect(env).toMatchObject({
      OVERWRITE_SETTING_FileUpload_Storage_Type: "AmazonS3",
      OVERWRITE_SETTING_FileUpload_S3_Bucket: "chat",
      OVERWRITE_SETTING_FileUpload_S3_Region: "eu",
      OVERWRITE_SETTING_FileUpload_S3_BucketURL: "https://s3.example.org",
      OVERWRITE_SETTING_FileUpload_S3_ForcePathStyle: "true",
    });
    const key = env["OVERWRITE_SETTING_FileUpload_S3_AWSSecretAccessKey"] as { value: pulumi.Output<string> };
    expect([await valueOf(key.value), await isSecret(key.value)]).toEqual(["hush", true]);
    expect(await applied(stack)).toEqual({});
  });

  it("is whether and through whom it pushes, and its licence", () => {
    const env = environment({
      workspace: { notifications: { push: true, pushGateway: false } },
      secrets: { licence: "a-licence" },
    });
    expect(env).toMatchObject({
      OVERWRITE_SETTING_Push_enable: "true",
      OVERWRITE_SETTING_Push_enable_gateway: "false",
      ROCKETCHAT_LICENSE: { value: expect.anything() as unknown },
    });
    expect(Object.keys(environment({})).filter((name) => /Push|S3|LICEN|OAuth/.test(name))).toEqual([]);
  });
});

describe("the ids that keys decide", () => {
  const everything: Stack = {
    workspace: {
      organisation: {
        name: "a",
        type: "community",
        size: "1-10",
        industry: "other",
        country: "france",
        website: "https://example.org",
        siteName: "b",
        language: "fr",
        serverType: "privateTeam",
      },
      registration: {
        form: "Secret URL",
        manualApproval: true,
        allowedDomains: "example.org",
        verifyEmail: true,
      },
      passwordPolicy: { maxRepeats: 3 },
      mail: { ...mail, user: "chat" },
      signIn: { google: oauth, github: oauth, gitlab: oauth },
      twoFactor: { enabled: true, totp: true, email: true, emailForNewUsers: true, remember: "1 hour" },
      notifications: {
        push: true,
        pushGateway: true,
        pushShowsMessage: true,
        pushShowsSender: true,
        emailShowsMessage: true,
        emailDefault: "mentions",
        pushDefault: "all",
        desktopDefault: "all",
      },
    },
    uploads: {
      allowedTypes: "image/*",
      refusedTypes: "image/svg+xml",
      protect: true,
      membersOnly: true,
      s3: { bucket: "chat", region: "eu", endpoint: "https://s3.example.org" },
    },
    secrets: {
      registrationSecretUrl: "x",
      smtpPassword: "x",
      googleClientSecret: "x",
      githubClientSecret: "x",
      gitlabClientSecret: "x",
    },
  };

  it("are all that is applied, no more and no less, and all are known", () => {
    // A server that has all of them.
    const settings = settingsOf({ ...everything, version: "7.11.0" });
    const keys = ["FileUpload_S3_AWSAccessKeyId", "FileUpload_S3_AWSSecretAccessKey"];
    const made = [...Object.keys(apiSettings(settings)), ...Object.keys(settingOverrides(settings)), ...keys];
    expect([...made].sort()).toEqual([...ownedIds].sort());
    expect(ownedIds.filter((id) => !knownSettings().has(id))).toEqual([]);
  });

  it("include those of custom services", () => {
    expect(ownerOf("Accounts_OAuth_Custom-Keycloak-url")).toBe("workspace.signIn.custom.keycloak");
    expect(ownerOf("API_Enable_CORS")).toBeUndefined();
  });
});

describe("one wrong value gives one exact line", () => {
  it.each<[Stack, string]>([
    [
      { workspace: { organisation: { country: "France" } } },
      `workspace.organisation.country  must be a word that Rocket.Chat has for it, such as france: did you mean france? (got "France"); ${set("organisation.country", "france")}`,
    ],
    [
      { workspace: { organisation: { industry: "chocolate" } } },
      `workspace.organisation.industry  must be a word that Rocket.Chat has for it, such as technologyServices (got "chocolate"); ${set("organisation.industry", "technologyServices")}`,
    ],
    [
      { workspace: { organisation: { size: 7 } } },
      `workspace.organisation.size  must be 1-10 or 11-50 or 51-100 or 101-250 or 251-500 or 501-1000 or 1001-4000 or 4000+ (got 7); ${set("organisation.size", "1-10")}`,
    ],
    [
      { workspace: { organisation: { name: " " } } },
      `workspace.organisation.name  must be one line of 1 to 250 characters (got " "); ${set("organisation.name", "'Example Ltd'")}`,
    ],
    [
      { workspace: { organisation: { language: "French" } } },
      `workspace.organisation.language  must be a language such as fr or pt-BR (got "French"); ${set("organisation.language", "fr")}`,
    ],
    [
      { workspace: { organisation: { website: "example.org" } } },
      `workspace.organisation.website  must be an address such as https://example.org (got "example.org"); ${set("organisation.website", "https://example.org")}`,
    ],
    [
      { workspace: { registration: { form: "Secret" } } },
      `workspace.registration.form  must be Disabled or Public or Secret URL (got "Secret"); ${set("registration.form", "Disabled")}`,
    ],
    [
      { workspace: { registration: { allowedDomains: "example.org,example.net" } } },
      `workspace.registration.allowedDomains  must be names of e-mail domains such as example.org, with a blank between them (got "example.org,example.net"); ${set("registration.allowedDomains", "example.org")}`,
    ],
    [
      { secrets: { registrationSecretUrl: "hush" } },
      "registrationSecretUrl  means nothing without workspace.registration.form Secret URL (secret, 4 characters); pulumi config rm rocketchat:registrationSecretUrl, or set workspace.registration.form Secret URL",
    ],
    [
      { workspace: { passwordPolicy: { minLength: 25 } } },
      `workspace.passwordPolicy.minLength  must be a whole number from 1 to 24 (got 25); ${set("passwordPolicy.minLength", "14")}`,
    ],
    [
      { workspace: { passwordPolicy: { maxLength: 20 } } },
      `workspace.passwordPolicy.maxLength  must be a whole number from 24 to 1024 (got 20); ${set("passwordPolicy.maxLength", "128")}`,
    ],
    [
      { workspace: { mail: { ...mail, host: "smtp://smtp.example.org" } } },
      `workspace.mail.host  must be a host name or an IPv4 address (got "smtp://smtp.example.org"); ${set("mail.host", "smtp.example.org")}`,
    ],
    [
      { workspace: { mail: { host: "smtp.example.org" } } },
      `workspace.mail.sender  is required (got nothing); ${set("mail.sender", "chat@example.org")}`,
    ],
    [
      { workspace: { mail: { ...mail, tls: true } } },
      `workspace.mail.tls  must be starttls or tls or none (got true); ${set("mail.tls", "starttls")}`,
    ],
    [
      { workspace: { mail: { ...mail, password: "hunter2" } } },
      `workspace.mail.password  is not a setting (secret, 7 characters); ${remove("mail.password")}`,
    ],
    [
      { workspace: { mail: { ...mail, user: "chat" } } },
      `smtpPassword  is required with workspace.mail.user (got nothing); ${secret("smtpPassword")}`,
    ],
    [
      { workspace: { mail }, secrets: { smtpPassword: "hunter2" } },
      "smtpPassword  means nothing without workspace.mail.user (secret, 7 characters); pulumi config rm rocketchat:smtpPassword, or set workspace.mail.user",
    ],
    [
      { workspace: { signIn: { google: oauth } } },
      `googleClientSecret  is required with workspace.signIn.google (got nothing); ${secret("googleClientSecret")}`,
    ],
    [
      { workspace: { signIn: { google: {} } }, secrets: { googleClientSecret: "x" } },
      `workspace.signIn.google.clientId  is required (got nothing); ${set("signIn.google.clientId", "0123456789abcdef")}`,
    ],
    [
      { secrets: { githubClientSecret: "x" } },
      "githubClientSecret  means nothing without workspace.signIn.github (secret, 1 character); pulumi config rm rocketchat:githubClientSecret, or set workspace.signIn.github",
    ],
    [
      { workspace: { signIn: { custom: { keycloak: { ...oauth, url: "https://a.example" } } } } },
      `keycloakClientSecret  is required with workspace.signIn.custom.keycloak (got nothing); ${secret("keycloakClientSecret")}`,
    ],
    [
      { secrets: { keycloakClientSecret: "xy" } },
      "keycloakClientSecret  means nothing without workspace.signIn.custom.keycloak (secret, 2 characters); pulumi config rm rocketchat:keycloakClientSecret, or set workspace.signIn.custom.keycloak",
    ],
    [
      {
        version: "9.0.0",
        workspace: { signIn: { custom: { keycloak: { ...oauth, url: "https://a.example" } } } },
        secrets: { keycloakClientSecret: "x" },
      },
      "workspace.signIn.custom  must not be set with Rocket.Chat 9 and later without a licence, where custom OAuth services are a Premium feature (got keycloak with 9.0.0); remove it, stay on Rocket.Chat 8, or set the secret licence",
    ],
    [
      { workspace: { signIn: { custom: { google: { ...oauth, url: "https://a.example" } } } } },
      'workspace.signIn.custom.google  the name must be 2 to 30 lower-case letters and digits, and not google, github or gitlab (got "google"); rename it, such as workspace.signIn.custom.keycloak',
    ],
    [
      {
        workspace: { signIn: { custom: { keycloak: { ...oauth, url: "http://a.example" } } } },
        secrets: { keycloakClientSecret: "x" },
      },
      `workspace.signIn.custom.keycloak.url  must be an address such as https://login.example.org (got "http://a.example"); ${set("signIn.custom.keycloak.url", "https://login.example.org")}`,
    ],
    [
      { workspace: { twoFactor: { remember: "721 hours" } } },
      `workspace.twoFactor.remember  must be from 0 seconds to 720 hours (got "721 hours"); ${set("twoFactor.remember", "'30 minutes'")}`,
    ],
    [
      { workspace: { notifications: { emailDefault: "all" } } },
      `workspace.notifications.emailDefault  must be mentions or nothing (got "all"); ${set("notifications.emailDefault", "mentions")}`,
    ],
    [
      { uploads: { allowedTypes: "image" } },
      "uploads.allowedTypes  must be media types such as image/* application/pdf, with a blank between them (got \"image\"); pulumi config set --path 'rocketchat:uploads.allowedTypes' 'image/* application/pdf'",
    ],
    [
      { uploads: { storage: "AmazonS3", s3: { bucket: "chat" } } },
      "uploads.s3.region  is required with uploads.storage AmazonS3 (got nothing); pulumi config set --path 'rocketchat:uploads.s3.region' eu-west-3",
    ],
    [
      { secrets: { uploadsS3AccessKeyId: "AKIA" } },
      "uploadsS3AccessKeyId  means nothing without uploads.s3.bucket (secret, 4 characters); pulumi config rm rocketchat:uploadsS3AccessKeyId, or set uploads.s3.bucket",
    ],
  ])("refuses %j", (stack, line) => {
    expect(faults(stack)).toEqual([line]);
  });

  it.each<[string, unknown, string]>([
    [
      "API_Enable_COR",
      true,
      "is no setting of Rocket.Chat that this release knows (got true); did you mean API_Enable_CORS? If not: one that is newer than this release goes under workspace.unknownSettings",
    ],
    [
      "Login_Logs_User",
      true,
      "is no setting of Rocket.Chat that this release knows (got true); did you mean Login_Logs_Username or Login_Logs_UserAgent? If not: one that is newer than this release goes under workspace.unknownSettings",
    ],
    [
      "Wholly_Made_Up_By_Somebody",
      1,
      "is no setting of Rocket.Chat that this release knows (got 1); one that is newer than this release goes under workspace.unknownSettings",
    ],
    [
      "API_Enable_CORS",
      "yes",
      `must be true or false: it is a boolean (got "yes"); ${set("settings.API_Enable_CORS", "true")}`,
    ],
    [
      "Accounts_LoginExpiration",
      "30",
      `must be a whole number: it is an int (got "30"); ${set("settings.Accounts_LoginExpiration", "10")}`,
    ],
    [
      "RetentionPolicy_TTL_DMs",
      true,
      `must be a whole number: it is a timespan, in milliseconds (got true); ${set("settings.RetentionPolicy_TTL_DMs", "10")}`,
    ],
    [
      "Accounts_Directory_DefaultView",
      "user",
      `must be "channels" or "users": it is a select (got "user"); ${set("settings.Accounts_Directory_DefaultView", "users")}`,
    ],
    [
      "RetentionPolicy_MaxAge_DMs",
      30,
      `must not be set: Rocket.Chat keeps it to itself, and refuses to have it written (got 30); ${remove("settings.RetentionPolicy_MaxAge_DMs")}`,
    ],
    [
      "Cloud_Workspace_Client_Secret",
      "hunter2",
      `must not be set: Rocket.Chat keeps it to itself, and refuses to have it written (secret, 7 characters); ${remove("settings.Cloud_Workspace_Client_Secret")}`,
    ],
    [
      "Deployment_FingerPrint_Verified",
      true,
      `must not be set: it is there to be read, and Rocket.Chat refuses to have it written (got true); ${remove("settings.Deployment_FingerPrint_Verified")}`,
    ],
    [
      "Assets_logo",
      "logo.png",
      `must not be set: it is a file, which administrators upload (got "logo.png"); ${remove("settings.Assets_logo")}`,
    ],
    [
      "Accounts_Default_User_Preferences_masterVolume",
      "loud",
      `must be a whole number: it is a number from 0 to 100 (got "loud"); ${set("settings.Accounts_Default_User_Preferences_masterVolume", "10")}`,
    ],
    // A heading is no setting to mean.
    [
      "Livechat_history_monitor_typ",
      "x",
      'is no setting of Rocket.Chat that this release knows (got "x"); did you mean Livechat_history_monitor_type? If not: one that is newer than this release goes under workspace.unknownSettings',
    ],
    [
      "Accounts_OAuth_Custom-Keycloak-map_channels",
      "yes",
      `must be true or false: it is a boolean (got "yes"); ${set("settings.Accounts_OAuth_Custom-Keycloak-map_channels", "true")}`,
    ],
    ["Restart", "now", `must not be set: it is a button (got "now"); ${remove("settings.Restart")}`],
    [
      "Hide_System_Messages",
      "uj",
      `must not be set here: it is a list (got "uj"); ${remove("settings.Hide_System_Messages")}`,
    ],
    [
      "Organization_Name",
      "Example",
      `is decided by workspace.organisation.name (got "Example"); ${remove("settings.Organization_Name")} and set workspace.organisation.name`,
    ],
    [
      "FileUpload_MaxFileSize",
      5,
      `is decided by uploads.maxSize (got 5); ${remove("settings.FileUpload_MaxFileSize")} and set uploads.maxSize`,
    ],
    [
      "Accounts_OAuth_Custom-Keycloak-scope",
      "openid",
      `is decided by workspace.signIn.custom.keycloak (got "openid"); ${remove("settings.Accounts_OAuth_Custom-Keycloak-scope")} and set workspace.signIn.custom.keycloak`,
    ],
    [
      "LDAP_Authentication_Password",
      "hunter2",
      `must be stored encrypted, under a key of its own (secret, 7 characters); ${remove("settings.LDAP_Authentication_Password")}, then pulumi config set --secret rocketchat:secretSetting_LDAP_Authentication_Password`,
    ],
    [
      "API_Enable_CORS",
      1.5,
      `must be a text, a whole number, or true or false (got 1.5); ${set("settings.API_Enable_CORS", "true")}`,
    ],
    [
      "2fa",
      true,
      'the name must be the id of a setting: letters, digits, "_", "-" and "." (got "2fa"); rename it, such as workspace.settings.API_Enable_CORS',
    ],
  ])("refuses workspace.settings %s %j", (id, value, line) => {
    expect(faults({ workspace: { settings: { [id]: value } } })).toEqual([
      `workspace.settings.${id}  ${line}`,
    ]);
  });

  it.each<[string, unknown]>([
    ["Livechat_history_monitor_type", "title"],
    ["Accounts_Default_User_Preferences_masterVolume", 50],
    ["Accounts_OAuth_Custom-Keycloak-avatar_field", "picture"],
    ["Accounts_OAuth_Custom-Keycloak-merge_roles", true],
    // Missing on a real 8.3 without a licence: a warning, and no fault.
    ["LDAP_Sync_User_Data_Roles", true],
  ])("takes workspace.settings %s %j", (id, value) => {
    expect(faults({ workspace: { settings: { [id]: value } } })).toEqual([]);
  });

  it("warns of settings that the version has no more, unless a licence brings them", () => {
    const workspace = { settings: { WebRTC_Enabled: true, API_Enable_CORS: true, MCP_Enabled: true } };
    const secrets = { secretSetting_VoIP_JWT_Secret: "hush" };
    const warned = (version: string) =>
      goneSettings(settingsOf({ version, workspace, secrets }), Object.keys(secrets));
    expect(warned("8.5.3")).toEqual([
      `workspace.settings.WebRTC_Enabled: Rocket.Chat 8 and later without a licence for it have no setting WebRTC_Enabled any more (got version 8.5.3); where up is refused: ${remove("settings.WebRTC_Enabled")}`,
      "secretSetting_VoIP_JWT_Secret: Rocket.Chat 8 and later without a licence for it have no setting VoIP_JWT_Secret any more (got version 8.5.3); where up is refused: pulumi config rm rocketchat:secretSetting_VoIP_JWT_Secret",
    ]);
    expect(warned("7.11.0")).toEqual([]);
  });

  it("writes the address of gitlab.com only to a server that has the setting", () => {
    const gitlab = (version: string, url?: string) =>
      apiSettings(
        settingsOf({
          version,
          workspace: { signIn: { gitlab: { clientId: "x", ...(url !== undefined && { url }) } } },
          secrets: { gitlabClientSecret: "x" },
        }),
      )["API_Gitlab_URL"];
    expect([gitlab("7.11.0"), gitlab("8.5.3"), gitlab("8.5.3", "https://git.example.org")]).toEqual([
      "https://gitlab.com",
      undefined,
      "https://git.example.org",
    ]);
  });

  it("lets a custom service's paths have a query", () => {
    const keycloak = {
      url: "https://login.example.org",
      clientId: "x",
      authorizePath: "/auth?kc_idp_hint=github",
      identityPath: "https://api.example.org/me?fields=a,b",
    };
    const secrets = { keycloakClientSecret: "x" };
    expect(faults({ workspace: { signIn: { custom: { keycloak } } }, secrets })).toEqual([]);
    const broken = { ...keycloak, tokenPath: "/token#part" };
    expect(faults({ workspace: { signIn: { custom: { keycloak: broken } } }, secrets })).toHaveLength(1);
  });

  it("refuses what is hidden also as unknown, and as a secret", () => {
    expect(faults({ workspace: { unknownSettings: { Slack_Importer_Count: 1 } } })[0]).toContain(
      "keeps it to itself",
    );
    expect(faults({ secrets: { secretSetting_Push_gcm_api_key: "hush" } })[0]).toContain(
      "keeps it to itself",
    );
  });

  it("refuses nothing that the program itself writes", () => {
    const sealed = ownedIds.filter((id) => knownSettings().get(id)?.sealed !== undefined);
    // By its environment, at each start.
    expect(sealed).toEqual(["Show_Setup_Wizard"]);
  });

  it.each<[Stack, string]>([
    [
      { workspace: { unknownSettings: { API_Enable_CORS: true } } },
      `workspace.unknownSettings.API_Enable_CORS  must stand under workspace.settings, since this release knows it (got true); ${remove("unknownSettings.API_Enable_CORS")} and set workspace.settings.API_Enable_CORS`,
    ],
    [
      { workspace: { unknownSettings: { SMTP_Host: "a" } } },
      `workspace.unknownSettings.SMTP_Host  is decided by workspace.mail.host (got "a"); ${remove("unknownSettings.SMTP_Host")} and set workspace.mail.host`,
    ],
    [
      { secrets: { secretSetting_SMTP_Password: "hush" } },
      "secretSetting_SMTP_Password  is decided by smtpPassword (secret, 4 characters); pulumi config rm rocketchat:secretSetting_SMTP_Password and set smtpPassword",
    ],
    [
      { secrets: { secretSetting_API_Enable_CORS: "true" } },
      "secretSetting_API_Enable_CORS  must be the secret of a text, and API_Enable_CORS is boolean (secret, 4 characters); pulumi config rm rocketchat:secretSetting_API_Enable_CORS and set workspace.settings.API_Enable_CORS",
    ],
    [
      { workspace: { settings: { API_CORS_Origin: "*" } }, secrets: { secretSetting_API_CORS_Origin: "*" } },
      `workspace.settings.API_CORS_Origin  must not be set beside the secret secretSetting_API_CORS_Origin (got "*"); ${remove("settings.API_CORS_Origin")}`,
    ],
  ])("refuses %j", (stack, line) => {
    expect(faults(stack)).toEqual([line]);
  });

  it("takes a custom service with Rocket.Chat 9 and a licence, and every plain secret is told to be one", () => {
    const custom = { signIn: { custom: { keycloak: { ...oauth, url: "https://a.example" } } } };
    const secrets = { keycloakClientSecret: "x", licence: "a-licence" };
    expect(faults({ version: "9.0.0", workspace: custom, secrets })).toEqual([]);
  });
});
