import type { Facts } from "./facts";
import { inDatabase, type Plan } from "./plan";

/** The setting that says who may make an account. */
export const registrationForm = "Accounts_RegistrationForm";

/** Who may make an account stays as it is: without the key the registration would be closed. */
export function planRegistration(plan: Plan, { database }: Facts): void {
  const form = database.chat.settings[registrationForm];
  if (form !== undefined) plan.set("workspace.registration.form", form, `${registrationForm}, ${inDatabase}`);
}
