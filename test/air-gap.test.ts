import { describe, expect, it } from "vitest";
import { faultOf } from "../commands/status/air-gap";

describe("the days that a workspace may go on without licence and cloud", () => {
  it.each([
    ["0", /^workspace: nobody can write: .*; let the engine's host reach collector\.rocket\.chat/],
    ["1", /^workspace: people can write for 1 more day: /],
    ["7", /^workspace: people can write for 7 more days: /],
  ])("%s are told of, with what to do", (days, said) => {
    expect(faultOf(days).join()).toMatch(said);
  });

  it.each(["8", "10", "-1", "unknown", ""])("%j are nothing to tell of", (days) => {
    expect(faultOf(days)).toEqual([]);
  });
});
