import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings/schema";
import { isGone } from "../../settings/workspace/known-settings";
import { mailPort } from "../../settings/workspace/mail";
import { organisationSizes } from "../../settings/workspace/organisation";
import type { SettingValue } from "../../settings/workspace/other-settings";
import { clientSecretKey, secretSettingOf } from "../../settings/workspace/secrets";
import { type CustomSignIn, customServiceName, defaultGitlab } from "../../settings/workspace/sign-in";

type Value = pulumi.Input<SettingValue>;

/** Values by the ids of Rocket.Chat's settings; what is undefined is the administrators'. */
type Values = Record<string, Value | undefined>;

/**
 * The settings of Rocket.Chat that the program decides and that count at once. Secrets are secret outputs. The order means nothing:
 * Rocket.Chat looks at mail and services anew after each change. What it reads at its start alone is in its environment
 * (`settings/setting-overrides.ts`).
 */
export function apiSettings(settings: Settings): Record<string, Value> {
  const { secrets, workspace } = settings;
  const all: Values = {
    ...organisation(settings),
    ...registration(settings),
    ...passwordPolicy(settings),
    ...mail(settings),
    ...signIn(settings),
    ...twoFactor(settings),
    ...notifications(settings),
    ...uploads(settings),
    ...workspace.settings,
    ...workspace.unknownSettings,
    ...secretSettings(secrets.named),
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  );
}

function organisation({ workspace: { organisation: of } }: Settings): Values {
  return {
    Organization_Name: of.name,
    Organization_Type: of.type,
    Size: of.size === undefined ? undefined : String(organisationSizes.indexOf(of.size)),
    Industry: of.industry,
    Country: of.country,
    Website: of.website,
    Site_Name: of.siteName,
    Language: of.language,
    Server_Type: of.serverType,
  };
}

function registration({ secrets, workspace: { registration: of } }: Settings): Values {
  return {
    Accounts_RegistrationForm_SecretURL: secrets.registrationSecretUrl,
    Accounts_RegistrationForm: of.form,
    Accounts_ManuallyApproveNewUsers: of.manualApproval,
    Accounts_AllowedDomainsList: of.allowedDomains?.join(","),
    Accounts_EmailVerification: of.verifyEmail,
  };
}

function passwordPolicy({ workspace: { passwordPolicy: of } }: Settings): Values {
  if (of === undefined) return {};
  return {
    Accounts_Password_Policy_MinLength: of.minLength,
    Accounts_Password_Policy_MaxLength: of.maxLength ?? -1,
    Accounts_Password_Policy_AtLeastOneLowercase: of.lowercase,
    Accounts_Password_Policy_AtLeastOneUppercase: of.uppercase,
    Accounts_Password_Policy_AtLeastOneNumber: of.number,
    Accounts_Password_Policy_AtLeastOneSpecialCharacter: of.special,
    Accounts_Password_Policy_ForbidRepeatingCharacters: of.maxRepeats !== undefined,
    Accounts_Password_Policy_ForbidRepeatingCharactersCount: of.maxRepeats,
    Accounts_Password_Policy_Enabled: of.enabled,
  };
}

/** `SMTP_IgnoreTLS` is what keeps Rocket.Chat from STARTTLS; it is true at first. */
function mail({ secrets, workspace: { mail: of } }: Settings): Values {
  if (of === undefined) return {};
  return {
    SMTP_Protocol: of.tls === "tls" ? "smtps" : "smtp",
    SMTP_IgnoreTLS: of.tls === "none",
    SMTP_Host: of.host,
    SMTP_Port: String(mailPort(of)),
    SMTP_Username: of.user ?? "",
    SMTP_Password: of.user === undefined ? "" : secrets.smtpPassword,
    From_Email: of.sender,
  };
}

function signIn({ rocketchat, secrets, workspace: { signIn: of } }: Settings): Values {
  const { google, github, gitlab, custom = {} } = of;
  return {
    ...service("Google", google, secrets.googleClientSecret),
    ...service("Github", github, secrets.githubClientSecret),
    API_Gitlab_URL: gitlabAddress(gitlab?.url, rocketchat.version),
    Accounts_OAuth_Gitlab_merge_users: gitlab?.mergeUsers,
    ...service("Gitlab", gitlab, secrets.gitlabClientSecret),
    ...customServices(custom, secrets.named),
  };
}

/** A server that has the setting no more knows gitlab.com alone, and refuses to be told of it. */
function gitlabAddress(url: string | undefined, version: string): string | undefined {
  return url === defaultGitlab && isGone("API_Gitlab_URL", version) ? undefined : url;
}

function service(
  name: string,
  of: { enabled: boolean; clientId: string } | undefined,
  secret: pulumi.Output<string> | undefined,
): Values {
  if (of === undefined) return {};
  const id = `Accounts_OAuth_${name}`;
  return { [`${id}_id`]: of.clientId, [`${id}_secret`]: secret, [id]: of.enabled };
}

function customServices(
  custom: Record<string, CustomSignIn>,
  named: Record<string, pulumi.Output<string>> = {},
): Values {
  const all = Object.entries(custom).flatMap(([name, of]) =>
    Object.entries(customService(name, of, named[clientSecretKey(name)])),
  );
  return Object.fromEntries(all);
}

function customService(name: string, of: CustomSignIn, secret: pulumi.Output<string> | undefined): Values {
  const id = `Accounts_OAuth_Custom-${customServiceName(name)}`;
  return {
    [`${id}-url`]: of.url,
    [`${id}-id`]: of.clientId,
    [`${id}-secret`]: secret,
    [`${id}-authorize_path`]: of.authorizePath,
    [`${id}-token_path`]: of.tokenPath,
    [`${id}-identity_path`]: of.identityPath,
    [`${id}-scope`]: of.scope,
    [`${id}-token_sent_via`]: of.tokenSentVia,
    [`${id}-identity_token_sent_via`]: of.identityTokenSentVia,
    [`${id}-login_style`]: of.loginStyle,
    [`${id}-key_field`]: of.keyField,
    [`${id}-username_field`]: of.usernameField,
    [`${id}-email_field`]: of.emailField,
    [`${id}-name_field`]: of.nameField,
    [`${id}-merge_users`]: of.mergeUsers,
    [`${id}-button_label_text`]: of.buttonLabel ?? customServiceName(name),
    [id]: of.enabled,
  };
}

function twoFactor({ workspace: { twoFactor: of } }: Settings): Values {
  return {
    Accounts_TwoFactorAuthentication_By_TOTP_Enabled: of.totp,
    Accounts_TwoFactorAuthentication_By_Email_Enabled: of.email,
    Accounts_TwoFactorAuthentication_By_Email_Auto_Opt_In: of.emailForNewUsers,
    Accounts_TwoFactorAuthentication_RememberFor: of.remember?.toSeconds(),
    Accounts_TwoFactorAuthentication_Enabled: of.enabled,
  };
}

function notifications({ workspace: { notifications: of } }: Settings): Values {
  return {
    Push_show_message: of.pushShowsMessage,
    Push_show_username_room: of.pushShowsSender,
    Email_notification_show_message: of.emailShowsMessage,
    Accounts_Default_User_Preferences_emailNotificationMode: of.emailDefault,
    Accounts_Default_User_Preferences_pushNotifications: of.pushDefault,
    Accounts_Default_User_Preferences_desktopNotifications: of.desktopDefault,
  };
}

function uploads({ uploads: of }: Settings): Values {
  return {
    FileUpload_MediaTypeWhiteList: of.allowedTypes?.join(","),
    FileUpload_MediaTypeBlackList: of.refusedTypes?.join(","),
    FileUpload_ProtectFiles: of.protect,
    FileUpload_Restrict_to_room_members: of.membersOnly,
  };
}

function secretSettings(named: Record<string, pulumi.Output<string>> = {}): Values {
  return Object.fromEntries(
    Object.entries(named).flatMap(([key, value]) => {
      const id = secretSettingOf(key);
      return id === undefined ? [] : [[id, value]];
    }),
  );
}
