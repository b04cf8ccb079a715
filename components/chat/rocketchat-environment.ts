import type { Settings } from "../../settings/schema";
import { settingOverrides } from "../../settings/setting-overrides";
import { customServiceName } from "../../settings/workspace/sign-in";
import type { HostSecret } from "../host/secrets";
import { blockingThreads } from "../mongo/mongo-patience";
import type { EnvEntries, LearntValue } from "./env-file";

export interface LearntSettings {
  database: { uri: LearntValue; oplogUri: LearntValue | undefined };
  /** Makes the first administrator and nothing else: a later value is no reason to start Rocket.Chat again. */
  adminPassword: HostSecret;
}

/**
 * What Rocket.Chat runs on, by its own names. `OVERWRITE_SETTING_X` sets the setting X at every start; `ADMIN_*` makes an
 * administrator only where there is none (apps/meteor/server/startup/initialData.ts).
 */
export function rocketChatEnvironment(settings: Settings, learnt: LearntSettings): EnvEntries {
  const { admin, secrets } = settings;
  const { database, adminPassword } = learnt;
  return {
    DEPLOY_PLATFORM: "pulumi",
    // One proxy, Traefik, stands in front: the client's address is the last forwarded one.
    HTTP_FORWARDED_COUNT: "1",
    UV_THREADPOOL_SIZE: blockingThreads,
    // Another address or database is this workspace's: nobody is asked whether it is a new one.
    AUTO_ACCEPT_FINGERPRINT: "true",
    MONGO_URL: database.uri,
    ...(database.oplogUri === undefined ? {} : { MONGO_OPLOG_URL: database.oplogUri }),
    ...(settings.rocketchat.bypassMongoValidation ? { BYPASS_MONGO_VALIDATION: "true" } : {}),

    // "admin" is the default name; passed explicitly, Rocket.Chat takes it for a blocked one and warns.
    ...(admin.username === "admin" ? {} : { ADMIN_USERNAME: admin.username }),
    ADMIN_NAME: admin.name,
    ...(admin.email === undefined ? {} : { ADMIN_EMAIL: admin.email, ADMIN_EMAIL_VERIFIED: "true" }),
    ADMIN_PASS: { value: adminPassword.value, standIn: adminPassword.firstStandIn },
    ...(secrets.registrationToken === undefined ? {} : { REG_TOKEN: same(secrets.registrationToken) }),
    ...(secrets.licence === undefined ? {} : { ROCKETCHAT_LICENSE: same(secrets.licence) }),
    ...customServices(settings),
    // Without OVERWRITE_SETTING_ it counts for a workspace that is made now, and for no other.
    Accounts_RegistrationForm: "Disabled",

    ...overwrite(settingOverrides(settings)),
    ...overwrite(storeKeys(settings)),
  };
}

function storeKeys({ secrets }: Settings): EnvEntries {
  const { uploadsS3AccessKeyId: id, uploadsS3SecretAccessKey: key } = secrets;
  return {
    ...(id === undefined ? {} : { FileUpload_S3_AWSAccessKeyId: same(id) }),
    ...(key === undefined ? {} : { FileUpload_S3_AWSSecretAccessKey: same(key) }),
  };
}

/**
 * Makes the settings of a custom service at a start, switched off; the API fills them in and switches it on
 * (apps/meteor/server/lib/oauth/initCustomOAuthServices.ts).
 */
function customServices({ workspace }: Settings): Record<string, string> {
  const names = Object.keys(workspace.signIn.custom ?? {}).map(customServiceName);
  return Object.fromEntries(names.map((name) => [`Accounts_OAuth_Custom_${name}`, "false"]));
}

function overwrite(entries: EnvEntries): EnvEntries {
  return Object.fromEntries(Object.entries(entries).map(([id, value]) => [`OVERWRITE_SETTING_${id}`, value]));
}

/** A secret that the operator gave: the host has no say in it. */
function same(value: LearntValue["value"]): LearntValue {
  return { value, standIn: value };
}
