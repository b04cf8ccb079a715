// What Rocket.Chat's typings take from @rocket.chat/apps-engine, which they do not depend on. A type that is not found counts as
// anything, and would judge nothing.

declare module "@rocket.chat/apps-engine/definition/AppStatus" {
  export type AppStatus =
    | "unknown"
    | "constructed"
    | "initialized"
    | "auto_enabled"
    | "manually_enabled"
    | "compiler_error_disabled"
    | "invalid_license_disabled"
    | "invalid_installation_disabled"
    | "error_disabled"
    | "manually_disabled"
    | "invalid_settings_disabled"
    | "disabled";
}

declare module "@rocket.chat/apps-engine/definition/settings" {
  export interface ISetting {
    id: string;
    type: string;
    packageValue: unknown;
    value?: unknown;
    required: boolean;
    public: boolean;
    hidden?: boolean;
    i18nLabel: string;
    i18nDescription?: string;
    createdAt?: Date;
    updatedAt?: Date;
  }
}
