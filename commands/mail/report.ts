import type { Mail, Step } from "./dialogue";

/** What a dialogue tells the operator: a line for each step, and a fault that says what to do. */
export function mailReport(mail: Mail, steps: Step[]): { lines: string[]; fault?: string } {
  const lines = steps.map(
    ({ step, said, fault }) => `  ${step.padEnd(9)}  ${fault === undefined ? "" : "FAILED: "}${said}`,
  );
  const last = steps.at(-1);
  if (last === undefined) return { lines, fault: "the mail server: was not asked; run the command again" };
  return last.fault === undefined ? { lines } : { lines, fault: faultOf(mail, last.fault, last) };
}

/** Node's words for a certificate that does not prove the server. */
const certificate = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|CHAIN/;

function faultOf(mail: Mail, fault: string, { said }: Step): string {
  const { host, port, user, sender, recipient } = mail;
  const server = `${host}:${port}`;
  switch (fault) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `workspace.mail.host: no such host, as Rocket.Chat sees it (${said}); correct the name, or the name server of the engine's host`;
    case "ECONNREFUSED":
      return `workspace.mail.port: nothing listens at ${server} (${said}); correct host or port`;
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `workspace.mail.host: ${server} does not answer (${said}); see that the engine's host may connect to it: many providers block port 25`;
    case "no-starttls":
      return `workspace.mail.tls: ${server} offers no STARTTLS (${said}); set workspace.mail.tls to tls with the port that speaks TLS from the start, often 465. Rocket.Chat would send in clear`;
    case "no-login":
      return `workspace.mail.user: ${server} takes no login in a way that Rocket.Chat knows (${said}); use the port for clients, often 587, or leave the user out`;
    case "login":
      return `smtpPassword: ${server} refused the login of ${user} (${said}); correct workspace.mail.user, or: pulumi config set --secret rocketchat:smtpPassword`;
    case "sender":
      return `workspace.mail.sender: ${server} does not let ${user ?? "an unknown client"} send as ${sender} (${said}); correct it, or allow it there`;
    case "recipient":
      return `${recipient}: ${server} refused the recipient (${said}); correct the address, or let the server pass mails on for this client`;
  }
  if (/^(EPROTO|ECLOSED|ECONNRESET|ERR_SSL_.*)$/.test(fault)) {
    return `workspace.mail.tls: ${server} does not speak ${spoken(mail)} (${said}); correct workspace.mail.tls or workspace.mail.port`;
  }
  if (certificate.test(fault)) {
    return `workspace.mail.host: the certificate of ${server} is not one that Rocket.Chat trusts for that name (${fault}: ${said}); use the name in the certificate, or have the server get one from a public authority`;
  }
  return `the mail server ${server}: ${said}; see its log`;
}

function spoken({ tls }: Mail): string {
  if (tls === "tls") return "TLS from the first byte";
  return tls === "starttls" ? "STARTTLS as it should" : "SMTP in clear";
}
