import { generate } from "selfsigned";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** What a mail server took: who may have sent it, to whom, how. */
export interface Taken {
  from: string;
  to: string[];
  user: string | undefined;
  secure: boolean;
  text: string;
}

export const login = { user: "chat", password: "p@ss 'word' é" };

/** The name in the certificate of every server here. */
export const certifiedName = "smtp.test";

/** Real mail servers that check certificate, login and envelope, each on a port of its own. */
export class MailServers {
  readonly taken: Taken[] = [];
  private readonly servers: SMTPServer[] = [];

  private constructor(
    readonly certificate: string,
    private readonly key: string,
  ) {}

  static async make(): Promise<MailServers> {
    const pair = await generate([{ name: "commonName", value: certifiedName }], {
      keyType: "ec",
      extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: certifiedName }] }],
    });
    return new MailServers(pair.cert, pair.private);
  }

  /** @param options What sets this one apart from a server that offers STARTTLS and wants a login. */
  listen(port: number, options: SMTPServerOptions = {}): Promise<void> {
    const server = new SMTPServer({
      cert: this.certificate,
      key: this.key,
      onAuth: ({ username, password }, _session, done) => {
        const right = username === login.user && password === login.password;
        if (right) done(null, { user: username });
        else done(Object.assign(new Error("wrong name or password"), { responseCode: 535 }));
      },
      onMailFrom: ({ address }, _session, done) =>
        done(address.endsWith("@example.org") ? null : refusal(553, "not your address")),
      onRcptTo: ({ address }, _session, done) =>
        done(address.startsWith("nobody@") ? refusal(550, "no such user here") : null),
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          const { mailFrom, rcptTo } = session.envelope;
          this.taken.push({
            from: mailFrom === false ? "" : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            user: session.user as string | undefined,
            secure: session.secure,
            text: Buffer.concat(chunks).toString(),
          });
          done(null, "queued as 4711");
        });
      },
      ...options,
    });
    this.servers.push(server);
    return new Promise((resolve, reject) => {
      // Once it listens, a client that does not like the certificate is one of the cases.
      server.on("error", reject);
      server.listen(port, "0.0.0.0", resolve);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => new Promise<void>((done) => server.close(done))));
  }
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
