import { sha256 } from "./passwords.js";

/**
 * What a start makes of the setup wizard and of the deployment's fingerprint.
 *
 * A start in another version than the last one, so the first of all, opens the wizard of a workspace that is not registered, after the
 * environment had closed it; the next start finds the environment's word again. The first fingerprint is taken before the
 * address is known, so without AUTO_ACCEPT_FINGERPRINT the second start finds another one, and waits for an administrator to judge.
 */
export async function settleDeployment({ database, settings, users, version }, env) {
  if ((await users.hasAdmin()) && settings.get("Show_Setup_Wizard") === "pending")
    await settings.set("Show_Setup_Wizard", "in_progress");
  if (await isOtherVersion(database, version)) await openWizard(settings);
  await takeFingerprint(settings, env);
}

async function isOtherVersion(database, version) {
  const before = await database
    .collection("migrations")
    .findOneAndUpdate({ _id: "upgrade" }, { $set: { hash: version } }, { upsert: true });
  return before?.hash !== version;
}

async function openWizard(settings) {
  const registered =
    settings.get("Cloud_Workspace_Client_Id") && settings.get("Cloud_Workspace_Client_Secret");
  if (!registered && settings.get("Show_Setup_Wizard") === "completed")
    await settings.set("Show_Setup_Wizard", "in_progress");
}

async function takeFingerprint(settings, { MONGO_URL, AUTO_ACCEPT_FINGERPRINT }) {
  const recorded = settings.get("Deployment_FingerPrint_Hash");
  const accepts = AUTO_ACCEPT_FINGERPRINT === "true";
  const hash = (address) => sha256(`${address}${MONGO_URL}`, "base64");
  const now = hash(recorded || accepts ? settings.get("Site_Url") : "");
  if (recorded === now) return;
  if (recorded && !accepts)
    console.log(JSON.stringify({ level: 40, msg: "Updating fingerprint as pending" }));
  await settings.set("Deployment_FingerPrint_Hash", now);
  await settings.set("Deployment_FingerPrint_Verified", !recorded || accepts);
}
