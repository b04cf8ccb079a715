import { AppRefused } from "../apps.js";
import { ApiError } from "./api-error.js";
import { readJson } from "./api.js";

const managers = { permission: "manage-apps" };

/** Apps and the marketplace, below /api/apps: no rate limit and no second factor there. */
export function addAppRoutes(api, { apps }) {
  api.route("GET", "/api/apps/installed", { login: true }, async () => {
    return { apps: (await apps.list()).map(publicApp), success: true };
  });

  api.route("GET", "/api/apps/count", {}, async () => {
    const { most, enabled } = await apps.count();
    return {
      totalMarketplaceEnabled: enabled,
      totalPrivateEnabled: 0,
      maxMarketplaceApps: most,
      maxPrivateApps: most < 0 ? -1 : 0,
      success: true,
    };
  });

  api.route("POST", "/api/apps", managers, async ({ request }) => {
    const { appId, marketplace, version } = await readJson(request);
    // A file of one's own is stored, and never runs without a licence; nobody here asks for one.
    if (!appId || !marketplace || !version) {
      throw new ApiError(400, "app_file_error", {
        message: "Failed to get a file to install for the App. ",
      });
    }
    return fetched(await refusing(apps.fetch(appId, version)));
  });

  api.route("GET", "/api/apps/:id", managers, async ({ params }) => {
    return { app: publicApp(await appOf(params)), success: true };
  });

  api.route("POST", "/api/apps/:id", managers, async ({ params, request }) => {
    await appOf(params);
    const { appId, version } = await readJson(request);
    return fetched(await refusing(apps.fetch(appId, version)));
  });

  api.route("DELETE", "/api/apps/:id", managers, async ({ params }) => {
    const app = await appOf(params);
    await apps.remove(app);
    return { app: { ...infoOf(app), status: "disabled" }, success: true };
  });

  api.route("GET", "/api/apps/:id/status", managers, async ({ params }) => {
    return { status: (await appOf(params)).status, success: true };
  });

  api.route("POST", "/api/apps/:id/status", managers, async ({ params, request }) => {
    const { status } = await readJson(request);
    if (typeof status !== "string") {
      throw new ApiError(400, 'Invalid status provided, it must be "status" field and a string.');
    }
    return { status: await refusing(apps.setStatus(await appOf(params), status)), success: true };
  });

  api.route("GET", "/api/apps/:id/settings", managers, async ({ params }) => {
    return { settings: (await appOf(params)).settings, success: true };
  });

  api.route("POST", "/api/apps/:id/settings", managers, async ({ params, request }) => {
    const { settings } = await readJson(request);
    if (!Array.isArray(settings)) throw new ApiError(400, "The settings to update must be present.");
    const app = await appOf(params);
    const updated = settings.filter(({ id, value }) => app.settings[id] && app.settings[id].value !== value);
    for (const setting of updated) await apps.setSetting(app, setting);
    return { updated, success: true };
  });

  api.route("POST", "/api/apps/:id/settings/:settingId", managers, async ({ params, request }) => {
    const { setting } = await readJson(request);
    const app = await appOf(params);
    if (!app.settings[setting?.id]) {
      throw new ApiError(404, `No Setting found on the App by the id of: "${params.settingId}"`);
    }
    await apps.setSetting(app, setting);
    return { success: true };
  });

  async function appOf({ id }) {
    const app = await apps.find(id);
    if (app === null) throw new ApiError(404, `No App found by the id of: ${id}`);
    return app;
  }
}

function infoOf({ _id, name, nameSlug, version, status }) {
  return { id: _id, name, nameSlug, version, status };
}

function publicApp(app) {
  return { ...infoOf(app), languages: {}, private: false, migrated: false };
}

function fetched(app) {
  return {
    app: infoOf(app),
    implemented: {},
    licenseValidation: { errors: {}, warnings: {} },
    success: true,
  };
}

async function refusing(work) {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AppRefused) throw new ApiError(400, error.message);
    throw error;
  }
}
