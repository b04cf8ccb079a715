import { spawn } from "node:child_process";
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { type Mail, mailProgram, type Step, stepsOf } from "../commands/mail/dialogue";

/** What a mail server says: to somebody who connects, to a command (its first word), and to the end of a message. */
export interface Says {
  greeting?: string;
  /** Before the greeting. @default 0 */
  greetsAfterMs?: number;
  replies?: Record<string, string>;
  /** Before the message is acknowledged. @default 0 */
  takesMs?: number;
}

const usual: Record<string, string> = {
  EHLO: "250-mail.test\r\n250 AUTH PLAIN",
  HELO: "250 mail.test",
  AUTH: "235 welcome",
  MAIL: "250 ok",
  RCPT: "250 ok",
  DATA: "354 go on",
  QUIT: "221 bye",
};

/** A mail server that says what it is told to, one connection's commands kept. */
export class ScriptedMailServer {
  readonly commands: string[] = [];
  private readonly server: Server;

  constructor(private readonly says: Says) {
    this.server = createServer((socket) => this.serve(socket));
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
  }

  private serve(socket: Socket): void {
    const { greeting = "220 mail.test", greetsAfterMs = 0, replies = {}, takesMs = 0 } = this.says;
    let inMessage = false;
    setTimeout(() => socket.write(`${greeting}\r\n`), greetsAfterMs);
    socket.on("error", () => socket.destroy());
    socket.setEncoding("utf8").on("data", (text: string) => {
      for (const line of text.split("\r\n").filter((part) => part !== "")) {
        if (inMessage) {
          if (line !== ".") continue;
          inMessage = false;
          setTimeout(() => socket.write("250 queued as 7\r\n"), takesMs);
          continue;
        }
        this.commands.push(line);
        const word = line.split(" ")[0]!.toUpperCase();
        const reply = replies[word] ?? usual[word] ?? "500 what";
        socket.write(`${reply}\r\n`);
        inMessage = word === "DATA" && reply.startsWith("354");
      }
    });
  }
}

/** Hands a mail to a server that says this, with Node as Rocket.Chat's container has it. */
export async function handTo(
  says: Says,
  over: Partial<Mail> = {},
): Promise<{ steps: Step[]; commands: string[] }> {
  const server = new ScriptedMailServer(says);
  const mail: Mail = {
    host: "127.0.0.1",
    port: await server.listen(),
    tls: "none",
    user: "chat",
    password: "pass word é",
    sender: "chat@example.org",
    recipient: "you@example.org",
    subject: "Test",
    text: "Words",
    ...over,
  };
  try {
    const program = await mailProgram(mail);
    const output = await new Promise<string>((resolve, reject) => {
      const node = spawn(process.execPath, ["-"], { stdio: ["pipe", "pipe", "inherit"] });
      let said = "";
      node.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
      node.on("error", reject).on("close", () => resolve(said));
      node.stdin.end(program);
    });
    return { steps: stepsOf(output), commands: server.commands };
  } finally {
    server.close();
  }
}
