import { expect, it } from "vitest";
import { handTo, type Says } from "./scripted-mail-server";

// Servers that Rocket.Chat's mailer can send through.
it.each<[string, Says, string]>([
  ["does not know EHLO", { replies: { EHLO: "502 no", HELO: "250 mail.test" } }, "AUTH PLAIN"],
  [
    "offers PLAIN on a later line",
    { replies: { EHLO: "250-mail.test\r\n250-AUTH GSSAPI NTLM\r\n250 AUTH=LOGIN PLAIN" } },
    "AUTH PLAIN",
  ],
  ["offers no login", { replies: { EHLO: "250-mail.test\r\n250 SIZE 1000000" } }, "MAIL FROM"],
])("a server that %s gets the mail", async (_what, says, command) => {
  const { steps, commands } = await handTo(says);
  expect(steps.map(({ fault }) => fault).filter(Boolean)).toEqual([]);
  expect(steps).toContainEqual({ step: "message", said: "queued as 7" });
  expect(commands.some((line) => line.startsWith(command))).toBe(true);
});

it("a server that offers CRAM-MD5 alone gets its answer", async () => {
  const challenge = Buffer.from("<1@mail.test>").toString("base64");
  const { commands } = await handTo({
    replies: { EHLO: "250-mail.test\r\n250 AUTH CRAM-MD5", AUTH: `334 ${challenge}` },
  });
  const [answer = ""] = commands.slice(commands.indexOf("AUTH CRAM-MD5") + 1);
  expect(Buffer.from(answer, "base64").toString()).toMatch(/^chat [0-9a-f]{32}$/);
});

it("what is no mail server is told at once, with what it said", async () => {
  const { steps } = await handTo({ greeting: "* OK [CAPABILITY IMAP4rev1] ready" });
  expect(steps).toEqual([{ step: "greeting", fault: "greeting", said: "* OK [CAPABILITY IMAP4rev1] ready" }]);
});

it("no step shows the password, also where the server repeats it", async () => {
  const { steps } = await handTo({ replies: { AUTH: "535 pass word é is wrong" } });
  expect(steps.at(-1)).toEqual({ step: "AUTH", fault: "login", said: "535 *** is wrong" });
});
