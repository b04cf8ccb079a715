import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sourcesOf } from "./house";

const root = join(__dirname, "..");
const rooms = [
  "settings",
  "inventory",
  "terminal",
  "preflight",
  "workspace",
  "components",
  "machine",
  "commands",
];
const sources = sourcesOf(root, [...rooms, "engine", "index.ts"]);
const scripts = new Map(
  readdirSync(join(root, "scripts"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".sh"))
    .map((file) => [`scripts/${file}`, readFileSync(join(root, "scripts", file), "utf8")])
    // What a person is told to do stands in quotes.
    .map(([path = "", text = ""]) => [path, text.replace(/"[^"\n]*"/g, "")]),
);

/** Code without its comments, as far as lines begin with one. */
function codeOf(text: string): string {
  return text.replace(/^\s*(\/\/|\/?\*|#).*$/gm, "");
}

/** The files in which something is said, and which may say it. */
function sayers(of: ReadonlyMap<string, string>, what: RegExp): string[] {
  return [...of].filter(([, text]) => what.test(codeOf(text))).map(([path]) => path);
}

describe("there is one way to the engine", () => {
  it("is read whole", () => {
    expect(sources.size).toBeGreaterThan(300);
    expect(scripts.size).toBeGreaterThan(50);
  });

  it.each<[string, RegExp, string[]]>([
    ["the docker CLI is started by its client", /command: ["'`]docker\b/, ["engine/client.ts"]],
    [
      "nobody starts it by himself",
      /\b(spawn|exec|execFile)(Sync)?\(\s*["'`]docker\b|\bargs: \[[^\]]*["'`]docker["'`]/,
      // systemd's service of that name.
      ["machine/docker-engine.ts"],
    ],
    [
      "scripts are called by what calls of them are made of",
      /["'`](sh )?(scripts|ops)\/host\/(helper|exec-script)\.sh/,
      [
        // For the hash of a step's scripts, and as states of 0.3 have it.
        "components/chat/setup-wizard.ts",
        "components/front-door/test-ca.ts",
        "components/host/host-step.ts",
        "engine/script-call.ts",
      ],
    ],
    ["what a script gets is said in one place", /\bPASS\b/, ["engine/script-call.ts"]],
    [
      "and so is where it runs",
      /\b(HELPER_IMAGE|MOUNT_EXISTS|OWNER_IMAGE|OWNER_USER)\b/,
      [
        // These read what a state has recorded of a step.
        "commands/drift/expected-files.ts",
        "commands/state/rebuild.ts",
        "components/host/host-step.ts",
        "engine/script-call.ts",
      ],
    ],
    [
      "what a container may not do is said in one place",
      /["'`]--(cap-drop|cap-add=\$|security-opt|read-only|log-driver)\b/,
      ["engine/hardening.ts"],
    ],
    ["our labels are named in one place", /\brocketchat\.(stack|deployment|restore)\b/, ["engine/labels.ts"]],
  ])("%s", (_promise, what, where) => {
    expect(sayers(sources, what)).toEqual(where);
  });

  it.each<[string, RegExp, string[]]>([
    [
      "docker is called by scripts of the operator's machine",
      /(^|[;(|]|exec|then) *docker [a-z]/m,
      [
        "scripts/host/close-wizard.sh",
        "scripts/host/exec-script.sh",
        "scripts/host/helper.sh",
        "scripts/host/limit-pids.sh",
        "scripts/host/refuse-while-lent.sh",
        "scripts/host/throw-away.sh",
        "scripts/test-ca/keep-root.sh",
      ],
    ],
    ["a container is run in one place", /docker run\b/, ["scripts/host/throw-away.sh"]],
    [
      "what it may not do is said there",
      /--cap-drop|--security-opt|--read-only|--log-driver|--label/,
      ["scripts/host/throw-away.sh"],
    ],
  ])("of scripts: %s", (_promise, what, where) => {
    expect(sayers(scripts, what).sort()).toEqual(where);
  });
});
