import { describe, expect, it } from "vitest";
import type { Mail } from "../commands/mail/dialogue";
import { mailReport } from "../commands/mail/report";

const mail: Mail = {
  host: "smtp.example.org",
  port: 587,
  tls: "starttls",
  user: "chat",
  password: "hunter2",
  sender: "chat@example.org",
  recipient: "you@example.org",
  subject: "",
  text: "",
};
const failed = (fault: string, said: string, over: Partial<Mail> = {}) =>
  mailReport({ ...mail, ...over }, [
    { step: "EHLO", said: "hello" },
    { step: "X", said, fault },
  ]);

describe("a mail that was handed over", () => {
  it("is a line for each step and no fault", () => {
    expect(mailReport(mail, [{ step: "message", said: "queued as 7" }])).toEqual({
      lines: ["  message    queued as 7"],
    });
  });

  it("marks the step that failed", () => {
    expect(failed("recipient", "550 no such user").lines).toEqual([
      "  EHLO       hello",
      "  X          FAILED: 550 no such user",
    ]);
  });

  it.each<[string, string, RegExp]>([
    ["ENOTFOUND", "getaddrinfo", /^workspace\.mail\.host: no such host, as Rocket\.Chat sees it/],
    ["ECONNREFUSED", "connect", /^workspace\.mail\.port: nothing listens at smtp\.example\.org:587/],
    [
      "ETIMEDOUT",
      "no answer",
      /^workspace\.mail\.host: smtp\.example\.org:587 does not answer .*block port 25$/,
    ],
    [
      "no-starttls",
      "no",
      /^workspace\.mail\.tls: smtp\.example\.org:587 offers no STARTTLS .*Rocket\.Chat would send in clear$/,
    ],
    ["no-login", "none", /^workspace\.mail\.user: .* takes no login/],
    [
      "login",
      "535 no",
      /^smtpPassword: .* refused the login of chat \(535 no\); .*pulumi config set --secret/,
    ],
    [
      "sender",
      "553 no",
      /^workspace\.mail\.sender: .* does not let chat send as chat@example\.org \(553 no\)/,
    ],
    ["recipient", "550 no", /^you@example\.org: smtp\.example\.org:587 refused the recipient \(550 no\)/],
    [
      "ERR_SSL_WRONG_VERSION_NUMBER",
      "wrong version number",
      /^workspace\.mail\.tls: .* does not speak STARTTLS as it should/,
    ],
    [
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "self-signed",
      /^workspace\.mail\.host: the certificate .* is not one that Rocket\.Chat trusts/,
    ],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "names", /^workspace\.mail\.host: the certificate/],
    ["message", "554 spam", /^the mail server smtp\.example\.org:587: 554 spam; see its log$/],
  ])("explains %s", (fault, said, line) => {
    expect(failed(fault, said).fault).toMatch(line);
  });
});
