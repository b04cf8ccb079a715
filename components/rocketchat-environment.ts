import type { Settings } from "../settings/schema";
import type { EnvEntries, LearntValue } from "./env-file";

export interface LearntSettings {
  database: { uri: LearntValue; oplogUri: LearntValue | undefined };
  adminPassword: LearntValue;
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
    MONGO_URL: database.uri,
    ...(database.oplogUri === undefined ? {} : { MONGO_OPLOG_URL: database.oplogUri }),
    ...(settings.rocketchat.bypassMongoValidation ? { BYPASS_MONGO_VALIDATION: "true" } : {}),

    // "admin" is the default name; passed explicitly, Rocket.Chat takes it for a blocked one and warns.
    ...(admin.username === "admin" ? {} : { ADMIN_USERNAME: admin.username }),
    ADMIN_NAME: admin.name,
    ...(admin.email === undefined ? {} : { ADMIN_EMAIL: admin.email, ADMIN_EMAIL_VERIFIED: "true" }),
    ADMIN_PASS: adminPassword,
    ...(secrets.registrationToken === undefined ? {} : { REG_TOKEN: same(secrets.registrationToken) }),

    ...Object.fromEntries(
      Object.entries(settingOverrides(settings)).map(([id, value]) => [`OVERWRITE_SETTING_${id}`, value]),
    ),
  };
}

/** The settings of Rocket.Chat that the stack decides, by their ids. */
export function settingOverrides(settings: Omit<Settings, "secrets">): Record<string, string> {
  return {
    Site_Url: settings.url,
    Show_Setup_Wizard: "completed",
    FileUpload_MaxFileSize: String(settings.uploads.maxSize.toBytes()),
    FileUpload_Storage_Type: settings.uploads.storage,
    FileUpload_FileSystemPath: "/app/uploads",
    CustomSounds_Storage_Type: settings.uploads.soundStorage,
    CustomSounds_FileSystemPath: "/app/data/custom-sounds",
    EmojiUpload_Storage_Type: settings.uploads.emojiStorage,
    EmojiUpload_FileSystemPath: "/app/data/custom-emoji",
    UserData_FileSystemPath: "/app/data/user-data",
    UserData_FileSystemZipPath: "/app/data/user-data-zip",
  };
}

/** A secret that the operator gave: the host has no say in it. */
function same(value: LearntValue["value"]): LearntValue {
  return { value, standIn: value };
}
