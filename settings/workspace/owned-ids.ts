import { customOwner } from "./custom-service";

/** The settings of Rocket.Chat that a key of ours decides, by their ids. */
const owners: Record<string, string> = {
  Site_Url: "hostname",
  Show_Setup_Wizard: "the program itself",

  FileUpload_MaxFileSize: "uploads.maxSize",
  FileUpload_Storage_Type: "uploads.storage",
  FileUpload_FileSystemPath: "uploads.directory",
  FileUpload_MediaTypeWhiteList: "uploads.allowedTypes",
  FileUpload_MediaTypeBlackList: "uploads.refusedTypes",
  FileUpload_ProtectFiles: "uploads.protect",
  FileUpload_Restrict_to_room_members: "uploads.membersOnly",
  FileUpload_S3_Bucket: "uploads.s3.bucket",
  FileUpload_S3_Region: "uploads.s3.region",
  FileUpload_S3_BucketURL: "uploads.s3.endpoint",
  FileUpload_S3_ForcePathStyle: "uploads.s3.pathStyle",
  FileUpload_S3_AWSAccessKeyId: "uploadsS3AccessKeyId",
  FileUpload_S3_AWSSecretAccessKey: "uploadsS3SecretAccessKey",
  EmojiUpload_Storage_Type: "uploads.emojiStorage",
  EmojiUpload_FileSystemPath: "rocketchat.dataDirectory",
  CustomSounds_Storage_Type: "uploads.soundStorage",
  CustomSounds_FileSystemPath: "rocketchat.dataDirectory",
  UserData_FileSystemPath: "rocketchat.dataDirectory",
  UserData_FileSystemZipPath: "rocketchat.dataDirectory",

  Organization_Name: "workspace.organisation.name",
  Organization_Type: "workspace.organisation.type",
  Size: "workspace.organisation.size",
  Industry: "workspace.organisation.industry",
  Country: "workspace.organisation.country",
  Website: "workspace.organisation.website",
  Site_Name: "workspace.organisation.siteName",
  Language: "workspace.organisation.language",
  Server_Type: "workspace.organisation.serverType",

  Accounts_RegistrationForm: "workspace.registration.form",
  Accounts_RegistrationForm_SecretURL: "registrationSecretUrl",
  Accounts_ManuallyApproveNewUsers: "workspace.registration.manualApproval",
  Accounts_AllowedDomainsList: "workspace.registration.allowedDomains",
  Accounts_EmailVerification: "workspace.registration.verifyEmail",

  Accounts_Password_Policy_Enabled: "workspace.passwordPolicy.enabled",
  Accounts_Password_Policy_MinLength: "workspace.passwordPolicy.minLength",
  Accounts_Password_Policy_MaxLength: "workspace.passwordPolicy.maxLength",
  Accounts_Password_Policy_AtLeastOneLowercase: "workspace.passwordPolicy.lowercase",
  Accounts_Password_Policy_AtLeastOneUppercase: "workspace.passwordPolicy.uppercase",
  Accounts_Password_Policy_AtLeastOneNumber: "workspace.passwordPolicy.number",
  Accounts_Password_Policy_AtLeastOneSpecialCharacter: "workspace.passwordPolicy.special",
  Accounts_Password_Policy_ForbidRepeatingCharacters: "workspace.passwordPolicy.maxRepeats",
  Accounts_Password_Policy_ForbidRepeatingCharactersCount: "workspace.passwordPolicy.maxRepeats",

  SMTP_Protocol: "workspace.mail.tls",
  SMTP_IgnoreTLS: "workspace.mail.tls",
  SMTP_Host: "workspace.mail.host",
  SMTP_Port: "workspace.mail.port",
  SMTP_Username: "workspace.mail.user",
  SMTP_Password: "smtpPassword",
  From_Email: "workspace.mail.sender",

  Accounts_OAuth_Google: "workspace.signIn.google.enabled",
  Accounts_OAuth_Google_id: "workspace.signIn.google.clientId",
  Accounts_OAuth_Google_secret: "googleClientSecret",
  Accounts_OAuth_Github: "workspace.signIn.github.enabled",
  Accounts_OAuth_Github_id: "workspace.signIn.github.clientId",
  Accounts_OAuth_Github_secret: "githubClientSecret",
  Accounts_OAuth_Gitlab: "workspace.signIn.gitlab.enabled",
  Accounts_OAuth_Gitlab_id: "workspace.signIn.gitlab.clientId",
  Accounts_OAuth_Gitlab_secret: "gitlabClientSecret",
  Accounts_OAuth_Gitlab_merge_users: "workspace.signIn.gitlab.mergeUsers",
  API_Gitlab_URL: "workspace.signIn.gitlab.url",

  Accounts_TwoFactorAuthentication_Enabled: "workspace.twoFactor.enabled",
  Accounts_TwoFactorAuthentication_By_TOTP_Enabled: "workspace.twoFactor.totp",
  Accounts_TwoFactorAuthentication_By_Email_Enabled: "workspace.twoFactor.email",
  Accounts_TwoFactorAuthentication_By_Email_Auto_Opt_In: "workspace.twoFactor.emailForNewUsers",
  Accounts_TwoFactorAuthentication_RememberFor: "workspace.twoFactor.remember",

  Push_enable: "workspace.notifications.push",
  Push_enable_gateway: "workspace.notifications.pushGateway",
  Push_show_message: "workspace.notifications.pushShowsMessage",
  Push_show_username_room: "workspace.notifications.pushShowsSender",
  Email_notification_show_message: "workspace.notifications.emailShowsMessage",
  Accounts_Default_User_Preferences_emailNotificationMode: "workspace.notifications.emailDefault",
  Accounts_Default_User_Preferences_pushNotifications: "workspace.notifications.pushDefault",
  Accounts_Default_User_Preferences_desktopNotifications: "workspace.notifications.desktopDefault",
};

/** The ids of the settings that keys of ours decide. */
export const ownedIds = Object.keys(owners);

/** The key that decides a setting of Rocket.Chat; undefined when none does. */
export function ownerOf(id: string): string | undefined {
  return Object.hasOwn(owners, id) ? owners[id] : customOwner(id);
}
