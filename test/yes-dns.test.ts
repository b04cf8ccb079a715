import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const project = join(__dirname, "..");
const { dependencies } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
  dependencies: Record<string, string>;
};
const root = mkdtempSync(join(tmpdir(), "rocketchat-yes-dns-"));
afterAll(() => rmSync(root, { recursive: true }));

/** A Pulumi that knows a stack which was never deployed, and notes how it is told to deploy it. */
const pulumi = `#!/bin/sh
case "$*" in
  version) echo v3.248.0 ;;
  whoami*) echo '{"url":"file://${root}"}' ;;
  "config --json"*) cat ${root}/config ;;
  "stack export"*) echo '{"version":3,"deployment":{}}' ;;
  up*) echo "$* $ROCKETCHAT_YES_DNS" > ${root}/deployed; exit 7 ;;
  *) exit 1 ;;
esac
`;

function run(command: string, ...args: string[]) {
  mkdirSync(join(root, "bin"), { recursive: true });
  for (const name of ["command", "docker", "random"])
    mkdirSync(join(root, `plugins/resource-${name}-v${dependencies[`@pulumi/${name}`]}`), {
      recursive: true,
    });
  writeFileSync(join(root, "bin/pulumi"), pulumi, { mode: 0o755 });
  writeFileSync(join(root, "bin/docker"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  writeFileSync(join(root, "deployed"), "");
  const value = (text: string) => ({ value: text, secret: false });
  writeFileSync(
    join(root, "config"),
    JSON.stringify({
      "rocketchat:hostname": value("chat.example.org"),
      "rocketchat:helperImage": value("busybox:1.37.0"),
      "rocketchat:rocketchat": value('{"version":"8.8.1"}'),
      "rocketchat:mongo": value('{"version":"8.0.32"}'),
      "rocketchat:ingress": value('{"version":"3.7.15"}'),
    }),
  );
  const env: NodeJS.ProcessEnv = {
    PATH: `${join(root, "bin")}${delimiter}${process.env["PATH"]}`,
    HOME: root,
    PULUMI_HOME: root,
    PULUMI_BACKEND_URL: `file://${root}`,
  };
  const script = join(project, "commands", `${command}.ts`);
  const tsx = ["--import", "tsx", script, ...args];
  const done = spawnSync(process.execPath, tsx, { cwd: project, env, encoding: "utf8", timeout: 60_000 });
  return { ...done, deployed: readFileSync(join(root, "deployed"), "utf8").trim() };
}

describe("--yes-dns", () => {
  it.each([
    ["up", ["--refresh", "--yes"], "up --refresh --yes"],
    ["ci-deploy", [], "up --yes --skip-preview --non-interactive --color never"],
  ])("of %s is for the program, and nothing that Pulumi gets to see", (command, more, deployed) => {
    const told = run(command, "--stack", "unknown", "--yes-dns", ...more);
    expect(told.deployed, told.stderr).toBe(`${deployed} 1`);
    expect(run(command, "--stack", "unknown", ...more).deployed).toBe(deployed);
  });
});
