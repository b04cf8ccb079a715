// Hands one mail to a mail server from Rocket.Chat's container: where its own mails go from, with the certificates that it trusts, by
// the mailer that it has (nodemailer), with that one's time limits. Bundled with the mailer, see commands/mail/dialogue.ts.
//   mail  host, port, tls (none, starttls, tls), user, password, sender, recipient, subject, text
// Prints one JSON object a line, { step, said } for each step that succeeded; the first that did not is { step, fault, said }.
/* global mail, require */
const tls = require("node:tls");
const nodemailer = require("nodemailer");

const { host, port, user, password, sender, recipient, subject, text } = mail;
const steps = [];
/** Commands that have no reply yet; the greeting comes unasked. */
const asked = ["greeting"];

function stepOf(command) {
  const known = ["EHLO", "HELO", "STARTTLS", "AUTH", "MAIL FROM", "RCPT TO", "DATA", "QUIT"];
  // What follows AUTH is a name or a password.
  return known.find((name) => command.startsWith(name)) ?? "AUTH";
}

function note(step, said) {
  const last = steps.at(-1);
  if (last?.step === step) last.said = said;
  else steps.push({ step, said });
}

/** The words of a reply, without its codes. */
function wordsOf(reply) {
  return reply
    .split(/\r?\n/)
    .map((line) => line.slice(4))
    .join(" ");
}

function replied(reply) {
  const step = asked.shift() ?? "message";
  // That the message may come now, and the end of the dialogue, are no news.
  if (step === "DATA" && reply.startsWith("354")) asked.push("message");
  else if (step !== "QUIT") note(step, wordsOf(reply));
}

const logger = {};
for (const level of ["trace", "debug", "info", "warn", "error", "fatal"]) {
  logger[level] = ({ tnx } = {}, message = "") => {
    if (tnx === "client") asked.push(stepOf(String(message)));
    if (tnx === "server") replied(String(message));
  };
}

// The mailer tells nothing of the certificate.
const { connect } = tls;
tls.connect = (...args) => {
  const socket = connect(...args);
  return socket.once("secureConnect", () => {
    const { subject: of = {}, issuer = {}, valid_to: until } = socket.getPeerCertificate();
    const certificate = `certificate of ${of.CN ?? "?"} from ${issuer.CN ?? issuer.O ?? "?"} until ${until}`;
    note(mail.tls === "tls" ? "TLS" : "STARTTLS", `${socket.getProtocol()}, ${certificate}`);
  });
};

/** What went wrong: a code of Node's, or what the server would not do. */
function faultOf({ code, command = "", originalCode, response }) {
  if (code === "EDNS") return "ENOTFOUND";
  if (command === "CONN" && response !== undefined) return "greeting";
  if (command === "CONN") return originalCode ?? (code === "ETLS" ? "EPROTO" : code);
  if (command === "STARTTLS") return "no-starttls";
  if (command.startsWith("AUTH") || code === "EAUTH") return response === undefined ? "no-login" : "login";
  return { "MAIL FROM": "sender", "RCPT TO": "recipient", DATA: "message" }[command] ?? "hello";
}

function failedStep({ command = "" }, fault) {
  if (command !== "CONN") return fault === "message" ? "message" : stepOf(command);
  if (fault === "greeting" || (mail.tls !== "tls" && steps.length === 0 && fault === "ETIMEDOUT"))
    return "greeting";
  if (steps.length > 0) return mail.tls === "starttls" ? "STARTTLS" : "connection";
  return /^E(NOTFOUND|CONNREFUSED|TIMEDOUT|HOSTUNREACH|NETUNREACH)$/.test(fault) || mail.tls !== "tls"
    ? "connect"
    : "TLS";
}

function saidBy({ message, response, reason }) {
  return (response ?? reason ?? message).replace(/\s+/g, " ");
}

async function main() {
  const transport = nodemailer.createTransport({
    host,
    port,
    secure: mail.tls === "tls",
    ignoreTLS: mail.tls === "none",
    // Rocket.Chat itself would go on in clear.
    requireTLS: mail.tls === "starttls",
    ...(user !== undefined && { auth: { user, pass: password } }),
    logger,
    debug: true,
  });
  try {
    await transport.sendMail({ from: sender, to: recipient, subject, text });
    if (user !== undefined && !steps.some(({ step }) => step === "AUTH"))
      steps.push({
        step: "AUTH",
        said: "the server offers no login: the mail went without one, as Rocket.Chat's would",
      });
  } catch (error) {
    const fault = faultOf(error);
    const step = failedStep(error, fault);
    if (steps.at(-1)?.step === step) steps.pop();
    steps.push({ step, fault, said: saidBy(error) });
  }
  const shown = (said) => (password ? said.replaceAll(password, "***") : said);
  console.log(steps.map((step) => JSON.stringify({ ...step, said: shown(step.said) })).join("\n"));
  process.exit(0);
}

main();
