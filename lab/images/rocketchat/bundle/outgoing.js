import vm from "node:vm";
import { ApiError } from "./rest/api-error.js";

/**
 * Calls the addresses of outgoing webhooks when a message is posted, and posts what they answer. A message that an
 * integration posted calls none, so two cannot call each other for ever. What a script answers is posted before the poster
 * of the message hears of it, and so is a refusal of it; nobody waits for an address.
 */
export function callOutgoingWebhooks({ integrations, rooms, users, settings }) {
  rooms.afterPost = async (message, room) => {
    if (message.bot !== undefined) return;
    const all = await integrations.outgoing("sendMessage");
    for (const hook of all.filter((one) => listens(one, room))) await call(hook, message, room);
  };

  async function call(hook, message, room) {
    const word = hook.triggerWords?.find((trigger) =>
      hook.triggerWordAnywhere ? message.msg.includes(trigger) : message.msg.startsWith(trigger),
    );
    if (hook.triggerWords?.length > 0 && word === undefined) return;
    const data = {
      token: hook.token,
      bot: false,
      ...(word !== undefined && { trigger_word: word }),
      channel_id: room._id,
      channel_name: room.name,
      message_id: message._id,
      timestamp: message.ts,
      user_id: message.u._id,
      user_name: message.u.username,
      text: message.msg,
      siteUrl: settings.get("Site_Url"),
    };
    for (const url of hook.urls) {
      const request = prepared(hook, { url, method: "POST", headers: {}, data });
      if (request?.message !== undefined) await answer(hook, message, room, request.message.text);
      if (request?.url === undefined || request.method === undefined) continue;
      ask(hook, message, room, request).catch((error) =>
        console.error(`outgoing webhook ${hook.name}: ${error.message}`),
      );
    }
  }

  async function ask(hook, message, room, { url, method, headers, data }) {
    const said = await fetch(url, {
      method,
      headers: { ...headers, "Content-Type": "application/json" },
      body: JSON.stringify(data),
    });
    const text = said.ok ? (await said.json().catch(() => undefined))?.text : undefined;
    if (text !== undefined) await answer(hook, message, room, text);
  }

  async function answer(hook, message, room, text) {
    const user = await users.byName(hook.impersonateUser ? message.u.username : hook.username);
    // As in the real one, who is not in a private group may not answer there.
    if (!rooms.mayRead(room, user)) throw new ApiError(400, "error-not-allowed");
    const { alias, avatar, emoji, _id } = hook;
    await rooms.post(room, user, { msg: text, alias, avatar, emoji, bot: { i: _id } });
  }
}

/** What the webhook's script makes of the request, in a context that has the language and nothing else. */
function prepared({ script, scriptEnabled }, request) {
  if (!scriptEnabled || !script) return request;
  const source = `${script}
    ;(() => {
      const script = new Script();
      const request = ${JSON.stringify(request)};
      return JSON.stringify(script.prepare_outgoing_request ? script.prepare_outgoing_request({ request }) : request);
    })()`;
  const answer = vm.runInNewContext(source, {}, { timeout: 1000 });
  return answer === undefined ? undefined : JSON.parse(answer);
}

function listens({ channel }, room) {
  if (channel.length === 0) return room.t === "c";
  const every = room.t === "c" ? "all_public_channels" : "all_private_groups";
  return [every, `#${room.name}`, `#${room._id}`].some((name) => channel.includes(name));
}
