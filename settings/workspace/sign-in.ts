import { z } from "zod";
import { flag, named, oneOf, text } from "../leaf";
import { line, webAddress } from "./leaves";

const path = (example: string) =>
  text(example, `must be an address or a path such as ${example}`, (value) =>
    /^(https:\/\/[^\s/?#]+)?\/[^\s#]*$/.test(value),
  );
const clientId = line("0123456789abcdef");
/** `false` takes the button away; leaving the service out changes nothing any more. */
const enabled = flag(true).default(true);

const custom = z.strictObject({
  enabled,
  url: webAddress("https://login.example.org", "https"),
  clientId,
  authorizePath: path("/oauth/authorize").default("/oauth/authorize"),
  tokenPath: path("/oauth/token").default("/oauth/token"),
  identityPath: path("/me").default("/me"),
  scope: line("openid profile email").default("openid"),
  tokenSentVia: oneOf("payload", "header").default("payload"),
  identityTokenSentVia: oneOf("default", "header", "payload").default("default"),
  loginStyle: oneOf("popup", "redirect").default("popup"),
  /** What tells who somebody is. */
  keyField: oneOf("username", "email").default("username"),
  usernameField: line("preferred_username").optional(),
  emailField: line("email").optional(),
  nameField: line("name").optional(),
  /** Somebody new who has an existing account's name or e-mail address gets that account. */
  mergeUsers: flag(false).default(false),
  /** Left out: the service's name. */
  buttonLabel: line("Log in with Example").optional(),
});

export const defaultGitlab = "https://gitlab.com";

/** Services that people may log in with. Each has a secret, `googleClientSecret` for instance. */
export const signInSchema = z.strictObject({
  google: z.strictObject({ enabled, clientId }).optional(),
  github: z.strictObject({ enabled, clientId }).optional(),
  gitlab: z
    .strictObject({
      enabled,
      clientId,
      url: webAddress(defaultGitlab, "https").default(defaultGitlab),
      /** Somebody new who has an existing account's e-mail address gets that account. */
      mergeUsers: flag(false).default(false),
    })
    .optional(),
  /** OAuth services by a name of yours; not with Rocket.Chat 9 and later, where they want a licence. */
  custom: named(
    text(
      "keycloak",
      "must be 2 to 30 lower-case letters and digits, and not google, github or gitlab",
      (name) => /^(?!(google|github|gitlab)$)[a-z][a-z0-9]{1,29}$/.test(name),
    ),
    custom,
  ).optional(),
});

export type CustomSignIn = z.output<typeof custom>;
export type SignInSettings = z.output<typeof signInSchema>;

/** Where each service sends people back to, by its name; undefined where there is none. */
export function signInCallbacks(
  url: string,
  { custom = {}, ...built }: SignInSettings,
): Record<string, string> | undefined {
  const names = [
    ...Object.entries(built).flatMap(([name, service]) => (service === undefined ? [] : [name])),
    ...Object.keys(custom),
  ];
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name, `${url}/_oauth/${name}`]));
}

/** Rocket.Chat's own name for a custom service, in the ids of its settings. */
export function customServiceName(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
