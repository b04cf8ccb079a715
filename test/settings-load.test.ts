import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadSettings } from "../settings/load";
import { stackConfig } from "./settings-stack-file";

const PROJECT = "rocketchat";

beforeEach(() => {
  return pulumi.runtime.setMocks(
    { call: () => ({}), newResource: () => ({ id: "", state: {} }) },
    PROJECT,
    "prod",
  );
});

afterEach(() => pulumi.runtime.setAllConfig({}));

it("reads a stack's own keys, and leaves other namespaces alone", () => {
  configure({ ...stackConfig("prod") }, {}, { "docker:host": "x" });
  expect(loadSettings()).toMatchObject({
    stack: "prod",
    url: "https://chat.srv759970.hstgr.cloud",
    secrets: {},
  });
});

it("hands a secret on as a secret", async () => {
  configure(stackConfig("prod"), { registrationToken: "a-token" });
  const token = loadSettings().secrets.registrationToken;
  expect(await pulumi.isSecret(token as pulumi.Output<string>)).toBe(true);
  expect(await new Promise((resolve) => token?.apply(resolve))).toBe("a-token");
});

it("hands on the secrets whose keys hold a name", async () => {
  configure(stackConfig("prod"), { secretSetting_LDAP_Authentication_Password: "of ldap" });
  const { named = {} } = loadSettings().secrets;
  expect(Object.keys(named)).toEqual(["secretSetting_LDAP_Authentication_Password"]);
  const [secret] = Object.values(named);
  expect(await pulumi.isSecret(secret as pulumi.Output<string>)).toBe(true);
  expect(await new Promise((resolve) => secret?.apply(resolve))).toBe("of ldap");
});

it("sees unknown keys and plain secrets", () => {
  configure({ ...stackConfig("prod"), hostnam: "x", registrationToken: "a-token" }, {});
  expect(() => loadSettings()).toThrow(
    new pulumi.RunError(
      [
        "rocketchat, stack prod: 2 problems in the settings",
        '  hostnam            is not a setting (got "x"); did you mean hostname?',
        "  registrationToken  must be stored encrypted (secret, 7 characters); pulumi config set --secret rocketchat:registrationToken",
      ].join("\n"),
    ),
  );
});

it("names the key of a misspelt namespace, which nothing would read", () => {
  configure(stackConfig("prod"), {}, { "rocketchatt:backup": "{}", "pulumi:tags": "{}" });
  expect(() => loadSettings()).toThrow(
    new pulumi.RunError(
      "rocketchat, stack prod: 1 problem in the settings\n" +
        '  rocketchatt:backup  must be in the namespace rocketchat, else nothing reads it (got "rocketchatt"); did you mean rocketchat:backup?',
    ),
  );
});

function configure(
  plain: Record<string, string>,
  secret: Record<string, string>,
  foreign: Record<string, string> = {},
): void {
  const own = Object.entries({ ...plain, ...secret }).map(([key, text]) => [`${PROJECT}:${key}`, text]);
  pulumi.runtime.setAllConfig(
    { ...(Object.fromEntries(own) as Record<string, string>), ...foreign },
    Object.keys(secret).map((key) => `${PROJECT}:${key}`),
  );
}
