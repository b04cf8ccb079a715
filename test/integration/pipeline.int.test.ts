import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Document, parseDocument } from "yaml";
import { ensureImages, labConfig } from "../../machine/images";
import { commentMarker } from "../../commands/pipeline/pull-request-comment";
import { GithubApi } from "../github-api";
import { actionlint } from "./actionlint";
import { Clone, type Run } from "./clone";
import { DockerCli } from "./engine";

const linter = actionlint();

it.skipIf(linter === undefined)("the workflow files pass actionlint", () => {
  const directory = join(__dirname, "..", "..", ".github", "workflows");
  const files = readdirSync(directory).map((name) => join(directory, name));
  expect(files.length).toBeGreaterThan(0);
  execFileSync(linter!, ["-no-color", ...files], { stdio: "inherit" });
});

/** The pipeline's commands in a clean clone, as a runner calls them, on a stack of its own. */
describe("the pipeline", () => {
  const stack = "ci";
  const prefix = "ci-";
  const marker = commentMarker(stack);
  const secret = `planted-${randomBytes(12).toString("hex")}`;
  const passphrase = `planted-${randomBytes(12).toString("hex")}`;
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const runner = mkdtempSync(join(tmpdir(), "rocketchat-runner-"));
  const summary = join(runner, "summary.md");
  const engine = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
  /** The stack's own way to the engine, so that it can be closed. */
  const socket = join(runner, "docker.sock");
  const docker = new DockerCli(engine);
  /** All that anybody could read. */
  const seen: string[] = [];
  let github: GithubApi;
  let clone: Clone;

  beforeAll(async () => {
    github = await GithubApi.start();
    github.add("somebody", "Looks good.");
    mkdirSync(join(runner, "backend"));
    writeFileSync(
      join(runner, "event.json"),
      JSON.stringify({ pull_request: { number: 7, head: { sha: commit } } }),
    );
    clone = new Clone("pipeline", {
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_API_URL: github.url,
      GITHUB_GRAPHQL_URL: `${github.url}/graphql`,
      GITHUB_EVENT_PATH: join(runner, "event.json"),
      GITHUB_REPOSITORY: github.repository,
      GITHUB_RUN_ID: "42",
      GITHUB_SERVER_URL: "https://github.example.org",
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_TOKEN: github.token,
      PULUMI_BACKEND_URL: `file://${join(runner, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
    });
    await configure();
    await succeed("pulumi", "--stack", stack, "stack", "init", stack);
    await succeed(
      "pulumi",
      "--stack",
      stack,
      "config",
      "set",
      "--secret",
      "rocketchat:registrationToken",
      secret,
    );
  });

  afterAll(async () => {
    setting("rocketchat:mongo", { cacheSize: undefined });
    const down = await clone.npm("down", ["--stack", stack, "--delete-data"], `${stack}\n`);
    const left = docker.containers(prefix);
    clone.remove();
    rmSync(runner, { recursive: true });
    await github.stop();
    if (down.status !== 0 || left.length > 0) throw new Error(`${left.join(" ")}: left over\n${down.output}`);
  });

  /** The stack's settings: those of `local`, apart from it. */
  async function configure(): Promise<void> {
    const images = await ensureImages(engine);
    symlinkSync(engine.replace("unix://", ""), socket);
    const settings = parseDocument(readFileSync(join(clone.directory, "Pulumi.local.yaml"), "utf8"));
    assign(settings, ["config"], {
      "rocketchat:engine": `unix://${socket}`,
      "rocketchat:prefix": prefix,
      "rocketchat:ingress": { httpPort: 18080, httpsPort: 18443, bind: "127.0.0.1" },
    });
    assign(settings, ["config"], labConfig(images));
    writeFileSync(join(clone.directory, `Pulumi.${stack}.yaml`), String(settings));
  }

  function setting(key: string, value: Record<string, unknown>): void {
    const file = join(clone.directory, `Pulumi.${stack}.yaml`);
    const settings = parseDocument(readFileSync(file, "utf8"));
    assign(settings, ["config", key], value);
    writeFileSync(file, String(settings));
  }

  async function run(script: string, ...args: string[]): Promise<Run> {
    const done = await clone.npm(script, args);
    seen.push(done.output);
    return done;
  }

  async function succeed(script: string, ...args: string[]): Promise<Run> {
    const done = await run(script, ...args);
    expect(done.status, done.output).toBe(0);
    return done;
  }

  /** Runs a command of the pipeline and answers it with what it added to the job summary. */
  async function job(script: "ci:preview" | "ci:deploy"): Promise<Run & { summary: string }> {
    rmSync(summary, { force: true });
    const done = await run(script, "--stack", stack);
    const added = readFileSync(summary, "utf8");
    seen.push(added);
    return { ...done, summary: added };
  }

  /** The one comment of the pipeline. */
  function comment(): string {
    const own = github.comments.filter(({ user }) => user.login === github.login);
    expect(own).toHaveLength(1);
    seen.push(own[0]!.body);
    return own[0]!.body;
  }

  it("previews a first deployment in a comment and in the summary", async () => {
    const preview = await job("ci:preview");
    expect(preview.status, preview.output).toBe(0);
    for (const text of [preview.output, preview.summary, comment()])
      expect(text).toMatch(/^ +\+ \d+ to create$/m);
    expect(comment().startsWith(`${marker}\n### Preview of \`${stack}\`\n`)).toBe(true);
    expect(comment()).toContain(`at commit ${commit}`);
    expect(comment()).toContain("https://github.example.org/acme/chat/actions/runs/42");
    expect(docker.containers(prefix)).toEqual([]);
  });

  it("deploys, and shows that nothing is left to do", async () => {
    const deploy = await job("ci:deploy");
    expect(deploy.status, deploy.output).toBe(0);
    expect(deploy.summary).toContain("Done, and a preview finds nothing left to do");
    expect(deploy.summary).toMatch(/^ +\+ \d+ created$/m);
    expect(docker.containers(prefix)).toContain(`${prefix}rocketchat`);
  });

  it("updates the same comment when nothing changes any more, without a way to the engine", async () => {
    rmSync(socket);
    const preview = await job("ci:preview").finally(() => symlinkSync(engine.replace("unix://", ""), socket));
    expect(preview.status, preview.output).toBe(0);
    expect(comment()).toMatch(/^ +\d+ unchanged$/m);
    expect(comment()).not.toMatch(/to (create|update|replace|delete)/);
    expect(github.requests.at(-1)).toMatch(/^PATCH /);
  });

  it("keeps the preview's status when the comment is refused, and says what was refused", async () => {
    github.refuseWith = { status: 403, message: "Resource not accessible by integration" };
    const preview = await job("ci:preview");
    github.refuseWith = undefined;
    expect(preview.status, preview.output).toBe(0);
    expect(preview.output).toMatch(/PATCH http:\S+\/repos\/acme\/chat\/issues\/comments\/\d+: .*\(got 403 /);
    expect(preview.stdout).toMatch(/^::warning::comment on pull request 7: could not be written/m);
    expect(preview.summary).toMatch(/^ +\d+ unchanged$/m);
  });

  it("fails on a wrong setting, with the error in the comment and nothing touched", async () => {
    const before = docker.id(`${prefix}rocketchat`);
    setting("rocketchat:mongo", { cacheSize: "1 MiB" });
    const error = /mongo\.cacheSize +must be at least 256 MiB/;
    const preview = await job("ci:preview");
    expect(preview.status).not.toBe(0);
    expect(comment()).toContain(`**The preview failed** with exit status ${preview.status}`);
    for (const text of [preview.output, preview.summary, comment()]) expect(text).toMatch(error);

    const deploy = await job("ci:deploy");
    expect(deploy.status).toBe(1);
    expect(deploy.summary).toMatch(error);
    expect(deploy.summary).toContain("**Failed.** The deployment stopped");
    expect(docker.id(`${prefix}rocketchat`)).toBe(before);
    setting("rocketchat:mongo", { cacheSize: undefined });
  });

  it("does not deploy beside a service that its state has forgotten, and names what helps", async () => {
    const file = join(runner, "state.json");
    const kept = await clone.npm("pulumi", ["--stack", stack, "stack", "export"]);
    const { deployment, ...rest } = JSON.parse(kept.stdout) as { deployment: object };
    const before = docker.id(`${prefix}rocketchat`);
    try {
      writeFileSync(file, JSON.stringify({ ...rest, deployment: { ...deployment, resources: [] } }));
      await succeed("pulumi", "--stack", stack, "stack", "import", "--file", file);
      const deploy = await run("ci:deploy", "--stack", stack);
      expect(deploy.status).toBe(1);
      expect(deploy.output).toContain(`which it does not know: it was lost, or is an older one`);
      expect(deploy.output).toContain(`run: npm run recover -- --stack ${stack}`);
      expect(docker.id(`${prefix}rocketchat`)).toBe(before);
    } finally {
      writeFileSync(file, kept.stdout);
      await succeed("pulumi", "--stack", stack, "stack", "import", "--file", file);
    }
  });

  it("shows no secret in output, summary and comment", async () => {
    const password = (
      await clone.pulumi("--stack", stack, "stack", "output", "adminPassword", "--show-secrets")
    ).trim();
    expect(password.length).toBeGreaterThan(10);
    const all = seen.join("\n");
    expect(all).toContain("[secret]");
    for (const hidden of [secret, passphrase, github.token, password]) expect(all).not.toContain(hidden);
  });
});

/** Sets the values below a path, and leaves what stands beside them; undefined takes a value away. */
function assign(document: Document, path: string[], values: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) document.deleteIn([...path, key]);
    else if (typeof value === "object") assign(document, [...path, key], value as Record<string, unknown>);
    else document.setIn([...path, key], value);
  }
}
