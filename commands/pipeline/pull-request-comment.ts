import { readFileSync } from "node:fs";
import { OperatorError } from "../../terminal/steps";

/** The most characters of a comment. */
export const commentLimit = 65_536;

/** A pull request, and the way to speak on it. */
export interface PullRequest {
  /** @default "https://api.github.com" */
  api: string;
  /** @default "https://api.github.com/graphql" */
  graphql: string;
  token: string;
  /** `owner/name`. */
  repository: string;
  number: number;
  /** The commit that is proposed. */
  commit: string;
}

interface Comment {
  id: number;
  body?: string;
  user: { login: string } | null;
}

/** The pull request that the running job is for; undefined when it is for none, or has no token. */
export function currentPullRequest(env: NodeJS.ProcessEnv): PullRequest | undefined {
  const { GITHUB_EVENT_PATH: file, GITHUB_TOKEN: token, GITHUB_REPOSITORY: repository } = env;
  if (!file || !token || !repository) return undefined;
  const event = JSON.parse(readFileSync(file, "utf8")) as {
    pull_request?: { number: number; head: { sha: string } };
  };
  if (event.pull_request === undefined) return undefined;
  return {
    api: env["GITHUB_API_URL"] || "https://api.github.com",
    graphql: env["GITHUB_GRAPHQL_URL"] || "https://api.github.com/graphql",
    token,
    repository,
    number: event.pull_request.number,
    commit: event.pull_request.head.sha,
  };
}

/** The first line of the comment on a stack, by which it is found again; readers do not see it. */
export function commentMarker(stack: string): string {
  return `<!-- rocketchat preview: ${stack} -->`;
}

/**
 * Puts the body after the marker into the one comment that starts with it and belongs to the token's user, or into a new one.
 * @throws OperatorError that names the endpoint and what it answered.
 */
export async function putComment(pull: PullRequest, marker: string, body: string): Promise<void> {
  const issues = `${pull.api}/repos/${pull.repository}/issues`;
  const own = await findComment(pull, `${issues}/${pull.number}/comments`, marker);
  const content = { body: `${marker}\n${body}` };
  if (own === undefined) await call(pull, "POST", `${issues}/${pull.number}/comments`, content);
  else await call(pull, "PATCH", `${issues}/comments/${own.id}`, content);
}

/** Anybody may write the marker into a comment of theirs, so it must be our own. */
async function findComment(pull: PullRequest, list: string, marker: string): Promise<Comment | undefined> {
  const login = await viewer(pull);
  const pageSize = 100;
  for (let page = 1; ; page++) {
    const comments = (await call(pull, "GET", `${list}?per_page=${pageSize}&page=${page}`)) as Comment[];
    const own = comments.find(({ user, body }) => user?.login === login && body?.startsWith(marker));
    if (own !== undefined || comments.length < pageSize) return own;
  }
}

/** The REST API's `/user` knows people only; this knows the user of a job's token too. */
async function viewer(pull: PullRequest): Promise<string> {
  const answer = (await call(pull, "POST", pull.graphql, { query: "query { viewer { login } }" })) as {
    data?: { viewer: { login: string } };
    errors?: { message: string }[];
  };
  if (!answer.data) throw refusal("POST", pull.graphql, answer.errors?.[0]?.message ?? "no data");
  return answer.data.viewer.login;
}

async function call(pull: PullRequest, method: string, url: string, content?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${pull.token}`,
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
      "content-type": "application/json",
    },
    redirect: "error",
    signal: AbortSignal.timeout(30_000),
    ...(content === undefined ? {} : { body: JSON.stringify(content) }),
  }).catch((error: Error) => {
    throw refusal(method, url, String(error.cause instanceof Error ? error.cause.message : error.message));
  });
  const text = await response.text();
  if (!response.ok) throw refusal(method, url, `${response.status} ${text.slice(0, 300)}`.trim());
  return JSON.parse(text);
}

function refusal(method: string, url: string, got: string): OperatorError {
  return new OperatorError(
    `${method} ${url}: must be answered with success (got ${got}); see that the job may write pull requests, then run it again`,
  );
}
