// npm run mail:test -- you@example.org [--stack NAME]: hands one mail to the mail server of the settings, from inside Rocket.Chat's
// container, and prints what the server answered at each step. Ends with 0 when the server took it, else with 1 and what to do.
import { workspaceName } from "../inventory/rocketchat";
import { mailPort } from "../settings/workspace/mail";
import { isEmail } from "../settings/rocketchat";
import { given } from "./stack/arguments";
import { type Mail, mailDialogue } from "./mail/dialogue";
import { mailReport } from "./mail/report";
import { settingsOf } from "./stack/settings-of";
import { presentStack } from "./stack/present-stack";
import type { Stack } from "./stack/stack";
import { capture, main, OperatorError, tell } from "../terminal/steps";

main(async (args) => {
  const { stack: name, words } = given("mail-test", args);
  const [recipient = ""] = words;
  if (!isEmail(recipient)) {
    throw new OperatorError(
      `mail:test: is followed by one e-mail address (got ${recipient || "nothing"}); npm run mail:test -- you@example.org`,
    );
  }
  const stack = await presentStack(name);
  const settings = await settingsOf(stack);
  const { mail: server } = settings.workspace;
  if (server === undefined) {
    throw new OperatorError(
      "workspace.mail: must be set to send a mail (got nothing); pulumi config set --path 'rocketchat:workspace.mail.host' smtp.example.org, and workspace.mail.sender",
    );
  }

  const mail: Mail = {
    host: server.host,
    port: mailPort(server),
    tls: server.tls,
    ...(server.user !== undefined && { user: server.user, password: await secretOf(stack, "smtpPassword") }),
    sender: server.sender,
    recipient,
    subject: "Test mail of Rocket.Chat",
    text: `This mail shows that ${settings.url} can send e-mail.`,
  };
  const { lines, fault } = mailReport(
    mail,
    await mailDialogue(settings.engine, workspaceName(settings), mail),
  );
  tell(
    `${mail.host}:${mail.port}, tls ${mail.tls}, ${mail.user === undefined ? "no login" : `as ${mail.user}`}`,
  );
  tell(lines.join("\n"));
  tell(
    fault ?? `the server took the mail for ${recipient}; whether it arrives is up to the servers behind it`,
  );
  return fault === undefined ? 0 : 1;
});

async function secretOf(stack: Stack, key: string): Promise<string> {
  const answer = await capture({
    command: "pulumi",
    args: ["config", "get", `rocketchat:${key}`, ...stack.configArgs],
    env: stack.env,
  });
  if (answer.status !== 0)
    throw new OperatorError(`${answer.stderr.trim()}\npulumi config get: failed (status ${answer.status})`);
  return answer.stdout.replace(/\n$/, "");
}
