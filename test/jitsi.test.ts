import { runInNewContext } from "node:vm";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { channelsOf, meetingsOf } from "../components/workspace/jitsi-link";
import { describedWorkspace } from "../components/workspace/workspace";
import { linkScript } from "../workspace/jitsi/link-script";
import { meetingsUrl } from "../workspace/jitsi/meetings";
import { jitsiSchema } from "../settings/jitsi";
import { parseSettings } from "../settings/parse";
import type { Settings } from "../settings/schema";
import { graphOf } from "./graph";

const jitsi = (keys: object = {}) => {
  const { jwt, ...rest } = jitsiSchema.parse({ domain: "meet.example.org", ...keys });
  return { ...rest, ...(jwt && { jwt }) };
};

describe("the address of a meeting", () => {
  it("is the server's, and the prefix and name", () => {
    expect(meetingsUrl(jitsi())).toBe("https://meet.example.org/");
    expect(meetingsUrl(jitsi({ ssl: false, titlePrefix: "acme-" }))).toBe("http://meet.example.org/acme-");
  });

  it("stands at the end of the topics of channels, where it is asked for", () => {
    const workspace = {
      channels: {
        dev: { type: "public" as const, topic: "Builds and releases" },
        board: { type: "private" as const },
        old: { type: "public" as const, archived: true },
      },
    };
    expect(channelsOf({ workspace, jitsi: jitsi() })).toBe(workspace.channels);
    expect(channelsOf({ workspace, jitsi: jitsi({ topics: true, titlePrefix: "acme-" }) })).toEqual({
      dev: { type: "public", topic: "Builds and releases · https://meet.example.org/acme-dev" },
      board: { type: "private", topic: "https://meet.example.org/acme-board" },
      old: { type: "public", archived: true },
    });
  });
});

it("shows all of the way to a meeting but the key of its tokens", async () => {
  const secrets = { jitsiApplicationSecret: pulumi.secret("the key") } as Settings["secrets"];
  const settings = { jitsi: jitsi({ mode: "app", jwt: { applicationId: "chat" } }), secrets };
  const item = meetingsOf(settings)["jitsi"];
  expect(item).toMatchObject({
    domain: "meet.example.org",
    jwt: { applicationId: "chat", audience: "RocketChat", limitToRoom: true },
  });
  expect(await pulumi.isSecret(item!.jwt!.secret)).toBe(true);
});

it("is an output of the stack where the settings have one", async () => {
  const outputsWith = async (more: object) => {
    const config = {
      hostname: "chat.example.org",
      helperImage: "busybox:1.37.0",
      rocketchat: JSON.stringify({ version: "8.8.1" }),
      mongo: JSON.stringify({ version: "8.0.20" }),
      ingress: JSON.stringify({ version: "3.7.15" }),
      ...more,
    };
    const settings = { ...parseSettings({ stack: "prod", config, secretKeys: new Set() }), secrets: {} };
    let names: string[] = [];
    await graphOf(() => {
      const adminPassword = pulumi.secret("hush");
      names = Object.keys(
        describedWorkspace("workspace", { settings: settings, adminPassword, after: [] }).outputs,
      );
    });
    return names;
  };
  const always = ["webhooks", "outgoingWebhookTokens", "botTokens"];
  expect(await outputsWith({})).toEqual(always);
  expect(await outputsWith({ jitsi: JSON.stringify({ domain: "meet.example.org" }) })).toEqual([
    ...always,
    "meetings",
  ]);
});

describe("the script that answers with a link", () => {
  interface Data {
    text: string;
    trigger_word: string;
    message_id: string;
    bot?: boolean;
    tmid?: string;
  }
  type Answer = { url?: string; message: { text: string; tmid?: string } } | undefined;

  /** As Rocket.Chat runs it: in a context of its own that has the language and nothing else. */
  function answer(text: string, data: Partial<Data> = {}): Answer {
    const source = `"use strict"; ${linkScript("https://meet.example.org/acme-")}; new Script()`;
    const script = runInNewContext(source) as { prepare_outgoing_request(params: object): Answer };
    const whole: Data = {
      text,
      trigger_word: "!jitsi",
      message_id: "id-of-the-message",
      bot: false,
      ...data,
    };
    return structuredClone(script.prepare_outgoing_request({ request: { data: whole, url: "http://x" } }));
  }

  it.each([
    ["!jitsi Standup", "Standup"],
    ["!jitsi   Weekly  stand-up ", "Weekly-stand-up"],
    ["!jitsi a/b?c#d&e=f %2e", "a-b-c-d-e-f-2e"],
    ["!jitsi ../../etc", "etc"],
    ["!jitsi Réunion d'équipe", "R%C3%A9union-d-%C3%A9quipe"],
    ["!jitsi e\u0301te\u0301", "%C3%A9t%C3%A9"],
    ["!jitsi 会議", "%E4%BC%9A%E8%AD%B0"],
    ["!jitsi *bold* @all", "bold-all"],
    ["!jitsi line\nanother", "line-another"],
    [`!jitsi ${"x".repeat(80)}`, "x".repeat(60)],
    ["!jitsi", "id-of-the-message"],
    ["!jitsi ???", "id-of-the-message"],
  ])("%j opens %s", (text, meeting) => {
    expect(answer(text)).toEqual({ message: { text: `Meeting: https://meet.example.org/acme-${meeting}` } });
  });

  it("answers in the thread where it was asked, and to each of its words", () => {
    expect(answer("/jitsi Standup", { trigger_word: "/jitsi", tmid: "thread" })).toEqual({
      message: { text: "Meeting: https://meet.example.org/acme-Standup", tmid: "thread" },
    });
  });

  it("leaves alone what is not meant for it", () => {
    expect(answer("!jitsification is a word")).toBeUndefined();
    expect(answer("!jitsi Standup", { bot: true })).toBeUndefined();
  });

  it("calls no address, and does not answer itself", () => {
    const said = answer("!jitsi Standup")!;
    expect(said.url).toBeUndefined();
    expect(said.message.text.startsWith("!jitsi")).toBe(false);
  });
});
