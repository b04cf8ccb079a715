import { expect, it } from "vitest";
import { handTo } from "../scripted-mail-server";

// As slow as servers are that delay strangers or look at a message before they take it.
it.each([
  ["greets after 20 s", { greetsAfterMs: 20_000 }],
  ["takes a message after 25 s", { takesMs: 25_000 }],
])("a server that %s gets the mail", async (_what, says) => {
  const { steps } = await handTo(says);
  expect(steps.at(-1)).toEqual({ step: "message", said: "queued as 7" });
});
