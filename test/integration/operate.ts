/** The commands of a document: the text of each block that is fenced as `sh`. */
export function commandsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block.trim());
}

/**
 * A command for a stack with another prefix than prod's, as a test runs it: without a terminal, and ended after five seconds
 * where it would go on for ever (`docker stats` without a terminal ignores SIGTERM).
 */
export function forStack(command: string, prefix: string): string {
  const renamed = command
    .replace(
      /(\/opt\/|\bdocker (?:exec|inspect|logs|restart|stats|top)(?: -\S+(?: \d+)?)* )(?=rocketchat|mongodb-shared|traefik)/g,
      `$1${prefix}`,
    )
    .replace(/\bdocker exec -it\b/g, "docker exec -i");
  const endless = /\bdocker logs\b.* (-f|--follow)\b|\bdocker stats (?!.*--no-stream)/.test(command);
  return endless ? `timeout -s KILL 5 ${renamed} || test $? -eq 137` : renamed;
}
