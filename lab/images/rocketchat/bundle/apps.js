/** The marketplace here: one app, with the settings of RocketChat/Apps.Jitsi (src/settings.ts) and two releases. */
const JITSI = {
  id: "3b387ba9-f57c-44c6-9810-8c0256abd64c",
  name: "Jitsi",
  nameSlug: "jitsi",
  provider: "Jitsi",
  releases: ["2.1.1", "2.2.0"],
  settings: [
    ["jitsi_domain", "string", "meet.jit.si"],
    ["jitsi_title_prefix", "string", "RocketChat"],
    ["jitsi_title_suffix", "string", ""],
    ["jitsi_ssl", "boolean", true],
    ["jitsi_chrome_extension", "string", "nocfbnnmjnndkbipkabodnheejiegccf"],
    ["jitsi_auth_token", "boolean", false],
    ["jitsi_application_id", "string", ""],
    ["jitsi_application_secret", "string", ""],
    ["jitsi_limit_token_to_room", "boolean", true],
    ["jitsi_token_auditor", "string", "RocketChat"],
    ["jitsi_token_expiration", "string", "now + 1hour"],
  ],
};

const MOST_ENABLED_IN_COMMUNITY = 5;
const isEnabled = ({ status }) => status === "manually_enabled" || status === "auto_enabled";

/** An answer of the marketplace, or of the licence, that is a refusal. */
export class AppRefused extends Error {}

/** Apps and their settings: collection `rocketchat_apps`. None of them runs: what the Jitsi app does is in its provider. */
export class Apps {
  #collection;
  #settings;
  #licence;

  constructor({ database, settings, licence }) {
    this.#collection = database.collection("rocketchat_apps");
    this.#settings = settings;
    this.#licence = licence;
  }

  /** Whether the workspace has credentials of Rocket.Chat's cloud. */
  registered() {
    const has = (id) => this.#settings.get(`Cloud_Workspace_Client_${id}`) !== "";
    return has("Id") && has("Secret");
  }

  list() {
    return this.#collection.find().toArray();
  }

  find(_id) {
    return this.#collection.findOne({ _id });
  }

  /** Installs or updates from the marketplace. As the real one, it keeps an app that may not be enabled. */
  async fetch(appId, version) {
    // What a workspace without internet says; one without registration says as little.
    if (!this.registered()) throw new AppRefused("App package download failed");
    if (appId !== JITSI.id || !JITSI.releases.includes(version)) {
      throw new AppRefused('Invalid url. It doesn\'t exist or is not "application/zip".');
    }
    const present = await this.find(appId);
    const settings = Object.fromEntries(
      JITSI.settings.map(([id, type, packageValue]) => [
        id,
        present?.settings[id] ?? { id, type, packageValue, required: false, public: true, i18nLabel: id },
      ]),
    );
    const { name, nameSlug, provider } = JITSI;
    const app = { _id: appId, name, nameSlug, provider, version, settings, status: present?.status };
    app.status ??= "initialized";
    await this.#collection.replaceOne({ _id: appId }, app, { upsert: true });
    if (present === null) await this.setStatus(app, "manually_enabled").catch(() => undefined);
    return this.find(appId);
  }

  async setStatus({ _id }, status) {
    if (isEnabled({ status })) await this.#requireRoom(_id);
    await this.#collection.updateOne({ _id }, { $set: { status } });
    return status;
  }

  /** How many may be enabled, -1 for any number, and how many are. */
  async count() {
    const most = this.#licence.size > 0 ? -1 : MOST_ENABLED_IN_COMMUNITY;
    return { most, enabled: (await this.list()).filter(isEnabled).length };
  }

  async #requireRoom(_id) {
    const { most } = await this.count();
    const others = (await this.list()).filter((app) => app._id !== _id && isEnabled(app));
    if (most >= 0 && others.length >= most) throw new AppRefused("Enabled apps have been maxed out");
  }

  /** As the real one: what is given takes the place of the whole setting, its definition too. */
  async setSetting({ _id }, setting) {
    const whole = { ...setting, updatedAt: new Date() };
    await this.#collection.updateOne({ _id }, { $set: { [`settings.${setting.id}`]: whole } });
  }

  async remove({ _id }) {
    await this.#collection.deleteOne({ _id });
  }

  /** Apps that do nothing but count. */
  async fill(count) {
    const names = Array.from({ length: count }, (_, i) => `filler-${i + 1}`);
    const fields = { version: "1.0.0", status: "manually_enabled" };
    const fillers = names.map((_id) => ({ _id, name: _id, nameSlug: _id, ...fields }));
    await this.#collection.insertMany(fillers);
  }

  /** The apps that offer meetings. */
  async providers() {
    return (await this.list()).filter((app) => isEnabled(app) && app.provider !== undefined);
  }

  /** The one that starts a call, as server/lib/videoConfProviders.ts chooses it; undefined when there is none. */
  async activeProvider() {
    const all = await this.providers();
    const wanted = this.#settings.get("VideoConf_Default_Provider");
    return wanted ? all.find(({ provider }) => provider === wanted) : all.length === 1 ? all[0] : undefined;
  }
}

/** Where the Jitsi app opens a call (src/videoConfProvider.ts). */
export function meetingAddress({ settings }, callId) {
  const value = (id) => settings[id].value ?? settings[id].packageValue;
  const name = `${value("jitsi_title_prefix")}${callId}${value("jitsi_title_suffix")}`;
  return `${value("jitsi_ssl") ? "https" : "http"}://${value("jitsi_domain")}/${name}`;
}
