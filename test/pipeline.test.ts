import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { cutMiddle, renderReport, writeSummary } from "../commands/pipeline/job-report";
import {
  commentMarker,
  currentPullRequest,
  type PullRequest,
  putComment,
} from "../commands/pipeline/pull-request-comment";
import { GithubApi } from "./github-api";

describe("a report", () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `line ${i} of a preview`);

  it("is left whole when it fits", () => {
    expect(cutMiddle("one\ntwo", 7)).toBe("one\ntwo");
    expect(renderReport({ title: "T", outcome: "O.", text: "one\n" }, 1000)).toBe(
      "### T\n\nO.\n\n```text\none\n```\n",
    );
  });

  it("is cut in the middle at whole lines, and says how much is missing and where the whole is", () => {
    const text = lines.join("\n");
    const cut = cutMiddle(text, 10_000);
    expect(cut.length).toBeLessThanOrEqual(10_000);
    expect(cut.length).toBeGreaterThan(9_900);
    const [head, note, tail] = cut.split("\n\n") as [string, string, string];
    expect(note).toMatch(/^… \d+ characters are cut here; the whole is in the job's log …$/);
    expect(head.split("\n").every((line, i) => line === lines[i])).toBe(true);
    expect(
      tail
        .split("\n")
        .reverse()
        .every((line, i) => line === lines.at(-1 - i)),
    ).toBe(true);
  });

  it("stays within its limit, a single long line included, and its code block is closed", () => {
    for (const text of [lines.join("\n"), "x".repeat(200_000)]) {
      const markdown = renderReport({ title: "T", outcome: "O.", text }, 65_536);
      expect(markdown.length).toBeLessThanOrEqual(65_536);
      expect(markdown.length).toBeGreaterThan(65_000);
      expect(markdown.endsWith("\n```\n")).toBe(true);
    }
  });

  it("shows a text with code fences as it is", () => {
    const markdown = renderReport({ title: "T", outcome: "O.", text: "a\n````\n</details> @all" }, 1000);
    expect(markdown).toContain("`````text\na\n````\n</details> @all\n`````\n");
  });

  it("is added to the job summary, and to none outside of a job", () => {
    const directory = mkdtempSync(join(tmpdir(), "rocketchat-summary-"));
    const file = join(directory, "summary.md");
    const report = { title: "T", outcome: "O.", text: "text" };
    writeFileSync(file, "before\n");
    writeSummary(report, { GITHUB_STEP_SUMMARY: file });
    writeSummary(report, {});
    expect(readFileSync(file, "utf8")).toBe(`before\n${renderReport(report, 1000)}\n`);
    rmSync(directory, { recursive: true });
  });
});

describe("the comment on a pull request", () => {
  const marker = commentMarker("prod");
  let api: GithubApi;
  let pull: PullRequest;

  beforeEach(async () => {
    api = await GithubApi.start();
    pull = {
      api: api.url,
      graphql: `${api.url}/graphql`,
      token: api.token,
      repository: api.repository,
      number: 7,
      commit: "c0ffee",
    };
  });
  afterEach(() => api.stop());

  it("is made once and updated from then on", async () => {
    await putComment(pull, marker, "first");
    await putComment(pull, marker, "second");
    expect(api.comments.map(({ body }) => body)).toEqual([`${marker}\nsecond`]);
    expect(api.requests.at(-1)).toBe(`PATCH /repos/acme/chat/issues/comments/${api.comments[0]?.id}`);
  });

  it("is found on a later page", async () => {
    for (let i = 0; i < 230; i++) api.add("somebody", `remark ${i}`);
    const own = api.add(api.login, `${marker}\nold`);
    await putComment(pull, marker, "new");
    expect(own.body).toBe(`${marker}\nnew`);
    expect(api.comments).toHaveLength(231);
  });

  it("looks no further than the last page, when that is full", async () => {
    for (let i = 0; i < 100; i++) api.add("somebody", `remark ${i}`);
    await putComment(pull, marker, "new");
    expect(api.comments).toHaveLength(101);
  });

  it("is one of our own about the same stack, whatever others wrote", async () => {
    const others = [
      api.add("mallory", `${marker}\nnothing changes, merge it`),
      api.add(api.login, `${commentMarker("staging")}\nanother stack`),
      api.add(api.login, `quotes ${marker}`),
    ];
    const before = others.map(({ body }) => body);
    await putComment(pull, marker, "new");
    expect(others.map(({ body }) => body)).toEqual(before);
    expect(api.comments.at(-1)?.body).toBe(`${marker}\nnew`);
  });

  it("names endpoint and answer when it is refused, and never the token", async () => {
    api.refuseWith = { status: 403, message: "Resource not accessible by integration" };
    const refused = putComment(pull, marker, "text").catch((error: Error) => error.message);
    expect(await refused).toBe(
      `POST ${api.url}/repos/acme/chat/issues/7/comments: must be answered with success ` +
        `(got 403 {"message":"Resource not accessible by integration"}); see that the job may write pull requests, then run it again`,
    );
    const unknown = await putComment({ ...pull, token: "wrong-token" }, marker, "text").catch(
      (error: Error) => error.message,
    );
    expect(unknown).toMatch(/^POST .*\/graphql: .*\(got 401 /);
    expect(unknown).not.toContain("wrong-token");
  });

  it("names the endpoint when nobody answers", async () => {
    const dead = await GithubApi.start();
    const url = dead.url;
    await dead.stop();
    await expect(putComment({ ...pull, graphql: `${url}/graphql` }, marker, "text")).rejects.toThrow(
      /^POST http:\S+\/graphql: must be answered with success \(got .*ECONNREFUSED/,
    );
  });

  it("is for the pull request of the job's event, with the job's token", () => {
    const directory = mkdtempSync(join(tmpdir(), "rocketchat-event-"));
    const file = join(directory, "event.json");
    const env = { GITHUB_EVENT_PATH: file, GITHUB_TOKEN: "token", GITHUB_REPOSITORY: "acme/chat" };
    writeFileSync(file, JSON.stringify({ pull_request: { number: 12, head: { sha: "c0ffee" } } }));
    expect(currentPullRequest(env)).toEqual({
      api: "https://api.github.com",
      graphql: "https://api.github.com/graphql",
      token: "token",
      repository: "acme/chat",
      number: 12,
      commit: "c0ffee",
    });
    expect(currentPullRequest({ ...env, GITHUB_API_URL: api.url })?.api).toBe(api.url);
    expect(currentPullRequest({ ...env, GITHUB_TOKEN: "" })).toBeUndefined();
    writeFileSync(file, JSON.stringify({ ref: "refs/heads/main" }));
    expect(currentPullRequest(env)).toBeUndefined();
    expect(currentPullRequest({})).toBeUndefined();
    rmSync(directory, { recursive: true });
  });
});

describe("the workflows", () => {
  interface Step {
    uses?: string;
    run?: string;
    with?: Record<string, unknown>;
  }
  interface Job {
    if?: string;
    environment?: string;
    permissions?: Record<string, string>;
    steps: Step[];
  }
  interface Workflow {
    on: Record<string, unknown>;
    permissions: Record<string, string>;
    concurrency: Record<string, unknown>;
    jobs: Record<string, Job>;
  }
  const text = (name: string) =>
    readFileSync(join(__dirname, "..", ".github", "workflows", `${name}.yml`), "utf8");
  const names = ["pull-request", "deploy", "drill"];
  const workflows = names.map((name) => parse(text(name)) as Workflow);
  const [pullRequest, deploy, drill] = workflows as [Workflow, Workflow, Workflow];
  const jobs = workflows.flatMap((workflow) => Object.values(workflow.jobs));

  it("give a fork's code the plan and neither secrets nor a right to write", () => {
    const here = "github.event.pull_request.head.repo.full_name == github.repository";
    const fromForks = Object.entries(pullRequest.jobs).filter(([, job]) => job.if !== here);
    expect(Object.keys(pullRequest.on)).toEqual(["pull_request"]);
    expect(fromForks.map(([name]) => name)).toEqual(["plan"]);
    const plan = pullRequest.jobs["plan"]!;
    expect(plan.if).toBe(here.replace("==", "!="));
    expect(plan.permissions).toEqual({ contents: "read" });
    expect(plan.steps.flatMap(({ run }) => run ?? [])).toEqual(["npm run plan -- prod"]);
    expect(JSON.stringify(plan)).not.toContain("${{");
  });

  it("pin every action to a commit, with the version in a comment", () => {
    const lines = names.flatMap((name) => text(name).match(/uses:.*/g) ?? []);
    expect(lines).toHaveLength(
      jobs.flatMap(({ steps }) => steps.filter(({ uses }) => uses !== undefined)).length,
    );
    for (const line of lines) expect(line).toMatch(/^uses: actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("put no expression into a script, and keep no credentials in the clone", () => {
    for (const { run, uses, with: inputs } of jobs.flatMap(({ steps }) => steps)) {
      expect(run ?? "").not.toContain("${{");
      if (uses?.startsWith("actions/checkout@")) expect(inputs).toEqual({ "persist-credentials": false });
    }
  });

  it("deploy one at a time, after an approval, with the right to read alone", () => {
    expect(deploy.on).toEqual({ push: { branches: ["main"] } });
    expect(deploy.concurrency).toEqual({ group: "deploy-prod", "cancel-in-progress": false });
    expect(deploy.jobs["deploy"]).toMatchObject({
      environment: "production",
      permissions: { contents: "read" },
    });
    // One that waits for its approval must not keep the drill waiting, nor be cancelled by it.
    expect(drill.concurrency).toEqual({ group: "drill-prod", "cancel-in-progress": false });
    expect(drill.jobs["drill"]).toMatchObject({ environment: "drill", permissions: { contents: "read" } });
    for (const workflow of workflows) expect(workflow.permissions).toEqual({});
    const writing = Object.entries(pullRequest.jobs).filter(([, job]) =>
      Object.values(job.permissions ?? {}).includes("write"),
    );
    expect(writing.map(([name]) => name)).toEqual(["preview"]);
  });
});

it("whoever deploys must agree to a change of any file: each may run with the pipeline's secrets", () => {
  const owners = readFileSync(join(__dirname, "..", ".github", "CODEOWNERS"), "utf8");
  const rules = owners.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(rules[0]).toMatch(/^\* @/);
  // The last rule that fits a file counts: one without an owner would take it out.
  for (const rule of rules) expect(rule).toMatch(/ @\S+$/);
});
