import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../../terminal/steps";
import type { Api } from "../api";
import type { Meetings } from "./meetings";

/** RocketChat/Apps.Jitsi, app.json. */
export const appId = "3b387ba9-f57c-44c6-9810-8c0256abd64c";
const provider = "Jitsi";
const defaultProvider = "/api/v1/settings/VideoConf_Default_Provider";

export interface App {
  id: string;
  version: string;
  status: string;
}

/** A setting of an app: its definition, and its value unless that is the definition's. */
interface AppSetting {
  id: string;
  packageValue?: unknown;
  value?: unknown;
}

export async function findApp(api: Api): Promise<App | undefined> {
  const { apps } = await api.get<{ apps: App[] }>("/api/apps/installed");
  return apps.find(({ id }) => id === appId);
}

export function isEnabled({ status }: App): boolean {
  return status === "manually_enabled" || status === "auto_enabled";
}

/**
 * Whether the workspace may install the app: registered with the cloud, which hands out apps, and with room for one more.
 * @returns undefined, or why not.
 */
export async function whyNoApp(api: Api): Promise<string | undefined> {
  const { registrationStatus } = await api.get<{ registrationStatus: { workspaceRegistered: boolean } }>(
    "/api/v1/cloud.registrationStatus",
  );
  if (!registrationStatus.workspaceRegistered) {
    return "the workspace is not registered with Rocket.Chat's cloud";
  }
  const { totalMarketplaceEnabled: used, maxMarketplaceApps: most } = await api.get<{
    totalMarketplaceEnabled: number;
    maxMarketplaceApps: number;
  }>("/api/apps/count");
  const full = most >= 0 && used >= most;
  return full ? `${used} apps are enabled, the most without a licence` : undefined;
}

/**
 * Installs the app, or the newer release of it, and enables it. A release that is newer than the wanted one stays.
 * @throws ApiFailure when the workspace may not have it; then nothing is left of it that was not there.
 */
export async function obtainApp(api: Api, wanted: Meetings, present: App | undefined): Promise<App> {
  const release = { appId, marketplace: true, version: wanted.appVersion };
  let app = present;
  if (app === undefined) app = (await api.post<{ app: App }>("/api/apps", release)).app;
  else if (isOlder(app.version, wanted.appVersion))
    app = (await api.post<{ app: App }>(`/api/apps/${appId}`, release)).app;
  if (isEnabled(app)) return app;

  try {
    const { status } = await api.post<{ status: string }>(`/api/apps/${appId}/status`, {
      status: "manually_enabled",
    });
    return { ...app, status };
  } catch (error) {
    if (present === undefined) await api.delete(`/api/apps/${appId}`);
    throw error;
  }
}

/** Gives the app its settings, and makes it the one that starts calls. */
export async function configureApp(api: Api, wanted: Meetings): Promise<void> {
  const present = await settingsOf(api);
  const changed = Object.entries(appSettings(wanted)).flatMap(([id, value]) => {
    const setting = present[id];
    if (setting === undefined) {
      throw new OperatorError(
        `Jitsi app: must have the setting ${id} (got none); this project knows the app's release 2, so install one of those`,
      );
    }
    // Rocket.Chat keeps what it is sent in place of the whole setting, its definition too.
    return valueOf(setting) === value ? [] : [{ ...setting, value }];
  });
  if (changed.length > 0) await api.post(`/api/apps/${appId}/settings`, { settings: changed });

  await offersMeetings(api);
  const { value } = await api.get<{ value: string }>(defaultProvider);
  if (value !== provider) await api.post(defaultProvider, { value: provider });
  const { providerName } = await api.get<{ providerName: string }>("/api/v1/video-conference.capabilities");
  if (providerName !== provider) {
    throw new OperatorError(
      `Jitsi app: must be the one that starts calls (got ${providerName}); see Administration, Settings, Conference Call`,
    );
  }
}

/** The wanted settings as they are in the app. `mode` says what else is not as it should be. */
export async function appAsWanted(api: Api, wanted: Meetings, app: App): Promise<Meetings> {
  const present = await settingsOf(api);
  const value = <T>(id: string) => valueOf(present[id]) as T;
  const actual: Meetings = {
    ...wanted,
    mode: await modeOf(api, wanted, app),
    domain: value("jitsi_domain"),
    ssl: value("jitsi_ssl"),
    titlePrefix: value("jitsi_title_prefix"),
    appVersion: isOlder(app.version, wanted.appVersion) ? app.version : wanted.appVersion,
  };
  delete actual.jwt;
  if (value("jitsi_auth_token") !== true) return actual;
  const secret = value<string>("jitsi_application_secret");
  return {
    ...actual,
    jwt: {
      applicationId: value("jitsi_application_id"),
      audience: value("jitsi_token_auditor"),
      limitToRoom: value("jitsi_limit_token_to_room"),
      // Another one is for nobody to see.
      secret: secret === wanted.jwt?.secret ? secret : "(another)",
    },
  };
}

async function modeOf(api: Api, wanted: Meetings, app: App): Promise<string> {
  if (!isEnabled(app)) return `app, which is ${app.status}`;
  const { value } = await api.get<{ value: string }>(defaultProvider);
  return value === provider ? wanted.mode : `app, with VideoConf_Default_Provider ${JSON.stringify(value)}`;
}

export async function removeApp(api: Api): Promise<void> {
  const { value } = await api.get<{ value: string }>(defaultProvider);
  if (value === provider) await api.post(defaultProvider, { value: "" });
  await api.delete(`/api/apps/${appId}`);
}

/** The app's own settings (src/settings.ts): the domain is a bare host, `https://` is `jitsi_ssl`. */
export function appSettings({ domain, ssl, titlePrefix, jwt }: Meetings): Record<string, string | boolean> {
  return {
    jitsi_domain: domain,
    jitsi_ssl: ssl,
    jitsi_title_prefix: titlePrefix,
    jitsi_auth_token: jwt !== undefined,
    jitsi_application_id: jwt?.applicationId ?? "",
    jitsi_application_secret: jwt?.secret ?? "",
    ...(jwt && { jitsi_token_auditor: jwt.audience, jitsi_limit_token_to_room: jwt.limitToRoom }),
  };
}

async function settingsOf(api: Api): Promise<Record<string, AppSetting>> {
  const { settings } = await api.get<{ settings: Record<string, AppSetting> }>(`/api/apps/${appId}/settings`);
  return settings;
}

function valueOf(setting: AppSetting | undefined): unknown {
  return setting?.value ?? setting?.packageValue;
}

/** An app that was just enabled takes a moment. */
async function offersMeetings(api: Api): Promise<void> {
  const path = "/api/v1/video-conference.providers";
  for (let attempt = 1; ; attempt++) {
    const { data } = await api.get<{ data: { key: string }[] }>(path);
    if (data.some(({ key }) => key === provider)) return;
    if (attempt === 20) {
      const others = data.map(({ key }) => key).join(", ") || "none";
      throw new OperatorError(
        `GET ${path}: must list ${provider} (got ${others}); see the app's log: Administration, Marketplace, Installed, Jitsi`,
      );
    }
    await sleep(500);
  }
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split(/[.-]/).slice(0, 3).map(Number));
  const at = a!.findIndex((part, i) => part !== b![i]);
  return at >= 0 && a![at]! < b![at]!;
}
