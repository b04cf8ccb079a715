// Hands one mail to a mail server, step by step, from Rocket.Chat's container: where its own mails go from, with the certificates
// that it trusts. Takes one JSON object on standard input, since it holds a password:
//   host, port, tls (none, starttls, tls), user, password, sender, recipient, subject, text
// Prints one JSON object a line, { step, said } for each step that succeeded; the first that did not is { step, fault, said }.
/* global clearTimeout, require */
const net = require("node:net");
const os = require("node:os");
const tls = require("node:tls");

const seconds = 15;

/** A step that failed. `fault` names what: a code of Node's, or what the server would not do. */
class Failed extends Error {
  constructor(step, fault, said) {
    super(said);
    Object.assign(this, { step, fault });
  }
}

/** One connection: what is sent, and the reply to it. */
class Dialogue {
  #socket;
  #text = "";
  #end;
  #wake = () => undefined;

  constructor(socket) {
    this.#take(socket);
  }

  get socket() {
    return this.#socket;
  }

  /** Goes on over TLS. What came in clear after the server's last reply is no part of it. */
  secure(socket) {
    this.#socket.removeAllListeners("data");
    this.#text = "";
    this.#take(socket);
  }

  /** The lines of the next reply, and its code. */
  async reply(step) {
    const timer = setTimeout(() => this.#ended("ETIMEDOUT", `no answer within ${seconds} s`), seconds * 1000);
    try {
      for (;;) {
        const [whole] = /^(?:\d{3}-.*\r?\n)*\d{3}(?: .*)?\r?\n/.exec(this.#text) ?? [];
        if (whole !== undefined) {
          this.#text = this.#text.slice(whole.length);
          const lines = whole.trimEnd().split(/\r?\n/);
          return {
            code: Number(lines[0].slice(0, 3)),
            lines,
            said: lines.map((line) => line.slice(4)).join(" "),
          };
        }
        if (this.#end !== undefined) throw new Failed(step, this.#end.code, this.#end.message);
        await new Promise((resolve) => (this.#wake = resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends a line and insists on a reply of a class, `2` for instance. */
  async say(step, line, wanted, fault) {
    this.#socket.write(`${line}\r\n`);
    const reply = await this.reply(step);
    if (String(reply.code)[0] !== wanted) throw new Failed(step, fault, `${reply.code} ${reply.said}`);
    return reply;
  }

  #take(socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => {
      this.#text += chunk.toString("utf8");
      this.#wake();
    });
    socket.on("error", ({ code, message }) => this.#ended(code ?? "ERROR", message));
    socket.on("close", () => this.#ended("ECLOSED", "the server closed the connection"));
  }

  #ended(code, message) {
    this.#end ??= { code, message };
    this.#wake();
  }
}

function opened(socket, event, step) {
  return new Promise((resolve, reject) => {
    const fail = (code, message) => {
      socket.destroy();
      reject(new Failed(step, code, message));
    };
    const timer = setTimeout(() => fail("ETIMEDOUT", `no connection within ${seconds} s`), seconds * 1000);
    // OpenSSL's own message is a line of its source.
    const onError = ({ code, message, reason }) => fail(code ?? "ERROR", reason ?? message);
    const onClose = () => fail("ECLOSED", "the server closed the connection");
    socket.once("error", onError);
    socket.once("close", onClose);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off("error", onError);
      socket.off("close", onClose);
      resolve(socket);
    });
  });
}

function certificateOf(socket) {
  const { subject = {}, issuer = {}, valid_to: until } = socket.getPeerCertificate();
  return `${socket.getProtocol()}, certificate of ${subject.CN ?? "?"} from ${issuer.CN ?? issuer.O ?? "?"} until ${until}`;
}

/** The name that the server is greeted with: as Rocket.Chat's own mailer does it. */
function ownName() {
  return os.hostname().includes(".") ? os.hostname() : "[127.0.0.1]";
}

async function hand(mail, note) {
  const { host, port, user, password, sender, recipient } = mail;
  const servername = net.isIP(host) ? {} : { servername: host };
  const connected = await opened(net.connect({ host, port }), "connect", "connect");
  let secured = mail.tls === "tls" ? tls.connect({ socket: connected, host, ...servername }) : undefined;
  if (secured !== undefined) {
    await opened(secured, "secureConnect", "TLS");
    note("TLS", certificateOf(secured));
  }

  const dialogue = new Dialogue(secured ?? connected);
  const greeting = await dialogue.reply("greeting");
  if (greeting.code !== 220) throw new Failed("greeting", "greeting", `${greeting.code} ${greeting.said}`);
  note("greeting", greeting.said);

  let offers = await dialogue.say("EHLO", `EHLO ${ownName()}`, "2", "hello");
  note("EHLO", offers.said);
  if (mail.tls === "starttls") {
    if (!offers.lines.some((line) => /^\d{3}[ -]STARTTLS\b/i.test(line)))
      throw new Failed("STARTTLS", "no-starttls", "the server does not offer it");
    await dialogue.say("STARTTLS", "STARTTLS", "2", "no-starttls");
    connected.removeAllListeners("data");
    secured = await opened(
      tls.connect({ socket: connected, host, ...servername }),
      "secureConnect",
      "STARTTLS",
    );
    dialogue.secure(secured);
    note("STARTTLS", certificateOf(secured));
    offers = await dialogue.say("EHLO", `EHLO ${ownName()}`, "2", "hello");
  }

  if (user !== undefined) note("AUTH", await logIn(dialogue, offers, user, password));
  note("MAIL FROM", (await dialogue.say("MAIL FROM", `MAIL FROM:<${sender}>`, "2", "sender")).said);
  note("RCPT TO", (await dialogue.say("RCPT TO", `RCPT TO:<${recipient}>`, "2", "recipient")).said);
  await dialogue.say("DATA", "DATA", "3", "message");
  note("message", (await dialogue.say("message", `${messageOf(mail)}\r\n.`, "2", "message")).said);
  dialogue.socket.end("QUIT\r\n");
}

async function logIn(dialogue, offers, user, password) {
  const base64 = (text) => Buffer.from(text).toString("base64");
  const auth = offers.lines.find((line) => /^\d{3}[ -]AUTH\b/i.test(line)) ?? "";
  if (/\bPLAIN\b/i.test(auth)) {
    return (await dialogue.say("AUTH", `AUTH PLAIN ${base64(`\0${user}\0${password}`)}`, "2", "login")).said;
  }
  if (/\bLOGIN\b/i.test(auth)) {
    await dialogue.say("AUTH", "AUTH LOGIN", "3", "login");
    await dialogue.say("AUTH", base64(user), "3", "login");
    return (await dialogue.say("AUTH", base64(password), "2", "login")).said;
  }
  throw new Failed(
    "AUTH",
    "no-login",
    auth === "" ? "the server offers no login" : `the server offers ${auth.slice(4)}`,
  );
}

function messageOf({ sender, recipient, subject, text }) {
  const id = `${Date.now()}.${process.pid}@${sender.split("@")[1]}`;
  const lines = [
    `From: <${sender}>`,
    `To: <${recipient}>`,
    `Subject: ${subject}`,
    `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${id}>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "",
    ...text.split("\n"),
  ];
  return lines.map((line) => (line.startsWith(".") ? `.${line}` : line)).join("\r\n");
}

async function main() {
  let input = "";
  for await (const chunk of process.stdin) input += chunk;
  const mail = JSON.parse(input);
  const shown = (said) => (mail.password ? String(said).replaceAll(mail.password, "***") : String(said));
  const print = (line) => console.log(JSON.stringify({ ...line, said: shown(line.said) }));
  try {
    await hand(mail, (step, said) => print({ step, said }));
    process.exit(0);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    print({ step: error.step, fault: error.fault, said: error.message });
    process.exit(0);
  }
}

main();
