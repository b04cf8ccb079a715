import { describe, expect, it } from "vitest";
import { EnvFileFault, parseComposeEnv } from "../commands/adopt/compose-env";
import { parseDockerEnv } from "../commands/adopt/docker-env";
import { readEnvFile } from "../commands/adopt/env-file";

const read = (text: string) => Object.fromEntries(parseComposeEnv(text));

// Each pair was compared with what compose-go 2.16.2 makes of it.
describe("a .env file as docker compose reads it", () => {
  it.each<[string, Record<string, string>]>([
    ["A=1\n\n# comment\n  B = spaced \nexport C=3\nD: yaml", { A: "1", B: "spaced", C: "3", D: "yaml" }],
    ["A=1\r\nB='x'\r\n", { A: "1", B: "x" }],
    ['A="x\r\ny"\r\nB=2\r\n', { A: "x\r\ny", B: "2" }],
    ["export\nA=1", { A: "1" }],
    ["export \nA=1", { A: "1" }],
    ["A=1\nexport", { A: "1" }],
    ['A="CORP\\carol"\nB="\\0101"', { A: "CORP\\carol", B: "A" }],
    ['A="\\012 \\0 \\0377 \\0999 \\x41"', { A: "\\12 \\ ÿ \\999 \\x41" }],
    ["A=1 # inline\nB=va#lue\nC=#hash\nD=\t#c", { A: "1", B: "va#lue", C: "#hash", D: "#c" }],
    ["A=\nB=''\nC=\"\" # c", { A: "", B: "", C: "" }],
    ["A='single # ${B} \\n it\\'s'", { A: "single # ${B} \\n it's" }],
    ['A="a \\"b\\" \\\\ \\t # c"', { A: 'a "b" \\ \t # c' }],
    ['A="over\ntwo lines"\nB=2', { A: "over\ntwo lines", B: "2" }],
    ["P=30\nA=$P/x\nB=${P}00\nC=\"${P}\"\nD='${P}'", { P: "30", A: "30/x", B: "3000", C: "30", D: "${P}" }],
    ["A=${N:-def}\nB=${N-}\nC=${N:+x}\nD=${N:-${M:-deep}}", { A: "def", B: "", C: "", D: "deep" }],
    ["E=\nA=${E:-def}\nB=${E-def}\nC=${E+set}", { E: "", A: "def", B: "", C: "set" }],
    ['A=pa$$word\nB="pa\\$word"\nC=pa$\nD=$(date)', { A: "pa$word", B: "pa$word", C: "pa$", D: "$(date)" }],
    ["A=1\nA=2", { A: "2" }],
    ["A=a'b\"c\nB==b", { A: "a'b\"c", B: "=b" }],
    ["INHERITED\nA=1", { A: "1" }],
    ["exportA=1", { exportA: "1" }],
  ])("%j", (text, values) => {
    expect(read(text)).toEqual(values);
  });

  it.each([
    ["A=1\nA!=2", "line 2: must be NAME=value, of letters, digits, _, . and -"],
    ["A=1\nB='open\nC=3", "line 2: must end with the quote ' that it begins with"],
    ["A=${B", "line 1: must hold a complete ${NAME}"],
    ["A=${B:?hunter2}", "line 1: must have a value for ${B}, which it asks for"],
  ])("refuses %j and names the line", (text, message) => {
    expect(() => read(text)).toThrow(new EnvFileFault(message));
  });
});

// Each was compared with what docker/cli 29.9.3 makes of it.
describe("a file as docker run --env-file reads it", () => {
  it.each<[string, Record<string, string>]>([
    ['A=1\n\n# comment\n  B= x # y \nC="q"', { A: "1", B: " x # y ", C: '"q"' }],
    ["A='70s Chat\r\nB=${A}", { A: "'70s Chat", B: "${A}" }],
    ["INHERITED\nA=\nA=2=3", { A: "2=3" }],
  ])("%j", (text, values) => {
    expect(Object.fromEntries(parseDockerEnv(text))).toEqual(values);
  });

  it.each(["export A=1", "A =1", "=1"])("refuses %j and names the line", (line) => {
    expect(() => parseDockerEnv(`B=1\n${line}`)).toThrow(
      new EnvFileFault("line 2: must be NAME=value, with no blank in the name"),
    );
  });
});

describe("the .env file of a workspace", () => {
  const path = "/opt/rocketchat/.env";
  const values = (text: string, isCompose: boolean) => {
    const { values: found, fault } = readEnvFile({ path, text }, isCompose);
    return [Object.fromEntries(found), fault];
  };

  it("is read as whoever started the container read it", () => {
    expect(values("A='x'", true)).toEqual([{ A: "x" }, undefined]);
    expect(values("A='x'", false)).toEqual([{ A: "'x'" }, undefined]);
  });

  it("is read as the other does where it is none to the first", () => {
    expect(values("export A='x'", false)).toEqual([{ A: "x" }, undefined]);
  });

  it("is reported with file and line where compose cannot read it", () => {
    for (const isCompose of [true, false])
      expect(values("A=1\nB='70s Chat\n", isCompose)).toEqual([
        { A: "1", B: "'70s Chat" },
        "/opt/rocketchat/.env, line 2: must end with the quote ' that it begins with, as docker compose reads it (docker run --env-file takes it as it stands)",
      ]);
  });

  it("is reported without a value where it is one to neither", () => {
    expect(values("A B=1\nC='hunter2", true)).toEqual([
      {},
      "/opt/rocketchat/.env, line 1: must be NAME=value, of letters, digits, _, . and -",
    ]);
  });
});
