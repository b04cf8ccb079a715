import { dataInside, uploadsInside } from "../inventory/rocketchat";
import type { Settings } from "./schema";

/**
 * The settings of Rocket.Chat that it needs at its start, by their ids: its first start stores a file (its bot's avatar), and
 * pushes are set up once. What counts at once is in `components/workspace/api-settings.ts`.
 */
export function settingOverrides(settings: Omit<Settings, "secrets">): Record<string, string> {
  const { push, pushGateway } = settings.workspace.notifications;
  return {
    Site_Url: settings.url,
    Show_Setup_Wizard: "completed",
    FileUpload_MaxFileSize: String(settings.uploads.maxSize.toBytes()),
    FileUpload_Storage_Type: settings.uploads.storage,
    FileUpload_FileSystemPath: uploadsInside,
    CustomSounds_Storage_Type: settings.uploads.soundStorage,
    CustomSounds_FileSystemPath: `${dataInside}/custom-sounds`,
    EmojiUpload_Storage_Type: settings.uploads.emojiStorage,
    EmojiUpload_FileSystemPath: `${dataInside}/custom-emoji`,
    UserData_FileSystemPath: `${dataInside}/user-data`,
    UserData_FileSystemZipPath: `${dataInside}/user-data-zip`,
    ...store(settings),
    ...(push === undefined ? {} : { Push_enable: String(push) }),
    ...(pushGateway === undefined ? {} : { Push_enable_gateway: String(pushGateway) }),
  };
}

/** The bucket, as soon as one is named: files that were written to it are served from it whatever `uploads.storage` is. */
function store({ uploads: { s3 } }: Omit<Settings, "secrets">): Record<string, string> {
  if (s3.bucket === undefined) return {};
  return {
    FileUpload_S3_Bucket: s3.bucket,
    ...(s3.region === undefined ? {} : { FileUpload_S3_Region: s3.region }),
    ...(s3.endpoint === undefined ? {} : { FileUpload_S3_BucketURL: s3.endpoint }),
    FileUpload_S3_ForcePathStyle: String(s3.pathStyle),
  };
}
