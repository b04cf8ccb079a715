/** How users get to a meeting, as `jitsi` in the settings says it. */
export interface Meetings {
  mode: string;
  domain: string;
  ssl: boolean;
  titlePrefix: string;
  appVersion: string;
  /** What a message that asks for a link starts with. */
  triggers: string[];
  /** Which webhook answers with links: a hash of what the program says of it. */
  script: string;
  jwt?: {
    applicationId: string;
    audience: string;
    limitToRoom: boolean;
    secret: string;
  };
}

/** What the address of every meeting starts with: the server, and the prefix of the names. */
export function meetingsUrl({
  ssl,
  domain,
  titlePrefix,
}: Pick<Meetings, "ssl" | "domain" | "titlePrefix">): string {
  return `${ssl ? "https" : "http"}://${domain}/${titlePrefix}`;
}
