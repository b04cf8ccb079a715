import { describe, expect, it } from "vitest";
import { ComposeEnvFault, parseComposeEnv } from "../ops/adopt/compose-env";

const read = (text: string) => Object.fromEntries(parseComposeEnv(text));

// Each pair was compared with what compose-go 2.4 makes of it.
describe("a .env file as docker compose reads it", () => {
  it.each<[string, Record<string, string>]>([
    ["A=1\n\n# comment\n  B = spaced \nexport C=3\nD: yaml", { A: "1", B: "spaced", C: "3", D: "yaml" }],
    ["A=1\r\nB='x'\r\n", { A: "1", B: "x" }],
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
    expect(() => read(text)).toThrow(new ComposeEnvFault(message));
  });
});
