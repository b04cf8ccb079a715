import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Exported } from "../commands/state/checkpoint";
import { renderReport } from "../commands/pipeline/job-report";
import { Mask, ShownStream } from "../terminal/mask";
import { stateDirectory } from "../terminal/paths";
import { learn, secretsOfEnvironment, shown } from "../terminal/shown";
import { secretsOfConfig, secretsOfState } from "../commands/stack/stack-secrets";
import { say, step, tell } from "../terminal/steps";
import { transcript } from "../commands/stack/transcript";
import { printable } from "../settings/printable";

const odd = `p"ä ss'\\w&<ö>%/+:=`;
const key = "-----BEGIN KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nQyNTUxOQAAACBzZWNyZXRz\n-----END KEY-----\n";

afterEach(() => vi.restoreAllMocks());

describe("the mask", () => {
  const mask = new Mask([odd, key, "hunter2", "abc"]);

  it.each([
    ["as it is", odd],
    ["percent-encoded", encodeURIComponent(odd)],
    ["percent-encoded in lower case", encodeURIComponent(odd).replace(/%../g, (code) => code.toLowerCase())],
    ["as a form", new URLSearchParams([["", odd]]).toString().slice(1)],
    ["in JSON", JSON.stringify(odd).slice(1, -1)],
    ["in JSON in JSON", JSON.stringify(JSON.stringify({ odd })).slice(12, -4)],
    [
      "in JSON as Go writes it",
      JSON.stringify(odd)
        .slice(1, -1)
        .replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003e"),
    ],
    ["in base64", Buffer.from(odd).toString("base64").replace(/=+$/, "")],
    ["broken over lines", `${odd.slice(0, 4)}\n    ${odd.slice(4, 9)}\r\n${odd.slice(9)}`],
    ["of several lines", key.trimEnd()],
    ["of several lines, indented", key.trimEnd().replaceAll("\n", "\n        ")],
    ["of several lines, in JSON", JSON.stringify(key).slice(1, -3)],
  ])("hides a secret %s", (_how, written) => {
    expect(mask.hide(`before ${written} after`)).toBe("before [secret] after");
    expect(mask.hide(`${written}\n${written}`)).toMatch(/^\[secret\](\n\[secret\])?$/);
  });

  it("hides a short value where it stands alone, and one of three characters nowhere", () => {
    expect(mask.hide("hunter2 hunter22 (hunter2) xhunter2 abc")).toBe(
      "[secret] hunter22 ([secret]) xhunter2 abc",
    );
  });

  it("leaves a text without secrets as it is", () => {
    const text = "line one\n\n  line two\ttab hunter\r\n";
    expect(mask.hide(text)).toBe(text);
    expect(new Mask(["true", "null", ""]).hide("true null none")).toBe("true null none");
  });

  it("finds secrets that overlap", () => {
    expect(new Mask(["aaaabbbb", "bbbbcccc"]).hide("x aaaabbbbcccc y")).toBe("x [secret] y");
  });

  it("hides a secret that comes in pieces, wherever it is cut, and holds no more back than it must", () => {
    const text = `1 ${odd} 2\n${odd.slice(0, 5)}\n  ${odd.slice(5)}\n3 hunter2\nhunter2x\nend`;
    const right = mask.hide(text);
    for (let cut = 0; cut <= text.length; cut++) {
      const stream = new ShownStream(() => mask);
      expect(stream.write(text.slice(0, cut)) + stream.write(text.slice(cut)) + stream.end()).toBe(right);
    }
    const letterwise = new ShownStream(() => mask);
    expect([...text].map((letter) => letterwise.write(letter)).join("") + letterwise.end()).toBe(right);
    expect(new ShownStream(() => mask).write("a line\n")).toBe("a line\n");
  });

  it("is quick with a long text and many secrets", () => {
    const many = new Mask(Array.from({ length: 60 }, (_, i) => `secret-number-${i}-${"x".repeat(i)}`));
    const text = "+ docker:index:Container rocketchat [id=secret-number-]\n".repeat(20_000);
    const started = Date.now();
    expect(many.hide(text)).toBe(text);
    expect(Date.now() - started).toBeLessThan(5_000);
  });
});

describe("a text of others", () => {
  it.each([
    ["colours", "\u001b[31;1mred\u001b[0m", "red"],
    ["a title", "a\u001b]0;title\u0007b", "ab"],
    ["a link", "\u001b]8;;https://x\u001b\\text\u001b]8;;\u001b\\", "text"],
    ["the clipboard", "\u001b]52;c;cm0gLXJmIC8=\u0007", ""],
    ["a sequence that does not end", "a\u001b]0;b\nc", "a0;b\nc"],
    ["sequences of one byte", "a\u009b2Jb\u0085", "ab"],
    ["what moves the cursor", "good\rbad\u0008\u000b\u000cx\u007f", "good\nbadx"],
    ["the direction of writing", "a\u202eb\u2066c", "abc"],
    ["nothing of these", "tab\tnewline\n  ä 漢 👩‍👩‍👧\n", "tab\tnewline\n  ä 漢 👩‍👩‍👧\n"],
  ])("is shown without %s", (_what, text, right) => {
    expect(printable(text)).toBe(right);
  });
});

describe("the secrets that are known", () => {
  it("are the secret settings, and the lines of one that has several", () => {
    expect(
      secretsOfConfig({
        "rocketchat:smtpPassword": { value: "one-secret", secret: true },
        "rocketchat:backupSftpKey": { value: key, secret: true },
        "rocketchat:hostname": { value: "chat.example.org", secret: false },
      }),
    ).toEqual(["one-secret", key, "b3BlbnNzaC1rZXktdjEAAAAA", "QyNTUxOQAAACBzZWNyZXRz"]);
  });

  it("are what the state keeps as a secret, and not what it also says openly", () => {
    const secret = (value: unknown) => ({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      plaintext: JSON.stringify(value),
    });
    const state = {
      version: 3,
      deployment: {
        resources: [
          { urn: "urn:a", type: "t", outputs: { result: secret("generated"), name: "rocketchat" } },
          {
            urn: "urn:b",
            type: "t",
            inputs: { environment: secret({ NAME: "rocketchat", KEY: "deep", N: 1 }) },
          },
        ],
      },
    } as unknown as Exported;
    expect(secretsOfState(state)).toEqual(["generated", "deep"]);
  });

  it("are the passphrase and the credentials of the environment", () => {
    const directory = mkdtempSync(join(tmpdir(), "rocketchat-mask-"));
    const file = join(directory, "passphrase");
    writeFileSync(file, "in-a-file\n");
    expect(
      secretsOfEnvironment({
        PULUMI_CONFIG_PASSPHRASE: "phrase",
        PULUMI_CONFIG_PASSPHRASE_FILE: file,
        AWS_SECRET_ACCESS_KEY: "aws",
        GITHUB_TOKEN: "gh",
        EMPTY_TOKEN: "",
        HOME: "/home/x",
      }),
    ).toEqual(["phrase", "aws", "gh", "in-a-file"]);
    expect(secretsOfEnvironment({ PULUMI_CONFIG_PASSPHRASE_FILE: "/dev/zero" })).toEqual([]);
    const words = { X_TOKEN: "production", Y_SECRET: "on1", PASSWORD_STORE: "keychain" };
    expect(secretsOfEnvironment(words)).toEqual([]);
    const letters = "qwertzuiopasdfghjklyxcvbnm";
    expect(secretsOfEnvironment({ X_TOKEN: "s3cretvalue", Y_TOKEN: letters })).toEqual([
      "s3cretvalue",
      letters,
    ]);
    const line = "MC4CAQAwBQYDK2VwBCIEIA";
    const key = `-----BEGIN PRIVATE KEY-----\n${line}\n-----END PRIVATE KEY-----\n`;
    expect(secretsOfEnvironment({ SSH_PRIVATE_KEY: key })).toEqual([key, line]);
    rmSync(directory, { recursive: true });
  });
});

describe("what leaves a command", () => {
  const planted = "planted-in-texts";
  learn([planted]);
  const script = `printf 'a ${planted} b\\n\\033[31mred\\033[0m '; printf '${planted.slice(0, 9)}'; printf '${planted.slice(9)}\\n'`;

  it("is masked when it is said, told, or put into a report", () => {
    const written: string[] = [];
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, "write").mockImplementation((text) => written.push(String(text)) > 0);
    say(`error: ${planted}`);
    tell(`answer: ${planted}\u001b[2J`);
    expect(written).toEqual(["error: [secret]\n", "answer: [secret]\n"]);
    expect(shown(planted)).toBe("[secret]");
    const report = renderReport({ title: "T", outcome: `O ${planted}`, text: `text ${planted}` }, 1000);
    expect(report).toBe("### T\n\nO [secret]\n\n```text\ntext [secret]\n```\n");
  });

  it("is known from a command's environment before anything is said", async () => {
    vi.stubEnv("PULUMI_CONFIG_PASSPHRASE", planted);
    vi.resetModules();
    const fresh = await import("../terminal/shown");
    vi.unstubAllEnvs();
    expect(fresh.shown(`error: ${planted}`)).toBe("error: [secret]");
  });

  it("is masked in a transcript, as it comes and afterwards", async () => {
    const written: string[] = [];
    vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
    const { text } = await transcript({ command: "sh", args: ["-c", script] });
    expect(text).toBe("a [secret] b\nred [secret]\n");
    expect(written.join("")).toBe(text);
  });

  it("is masked in a step's log and in the error that quotes it, and the step's answer is whole", async () => {
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const run = { title: "trying", log: "mask-test", fix: "mend it", command: "sh" };
    expect(await step({ ...run, args: ["-c", script] })).toContain(`a ${planted} b`);
    const log = join(stateDirectory, "logs", "mask-test.log");
    expect(readFileSync(log, "utf8")).toBe("a [secret] b\nred [secret]\n");
    const failed = step({ ...run, args: ["-c", `echo ${planted} >&2; exit 3`] });
    await expect(failed).rejects.toThrow(/^\[secret\]\ntrying: failed \(3\)/);
    rmSync(log);
  });
});
