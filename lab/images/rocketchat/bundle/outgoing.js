/**
 * Calls the addresses of outgoing webhooks when a message is posted, and posts what they answer. A message that an
 * integration posted calls none, so two cannot call each other for ever.
 */
export function callOutgoingWebhooks({ integrations, rooms, users, settings }) {
  rooms.posted.on("message", (message, room) => {
    if (message.bot !== undefined) return;
    integrations
      .outgoing("sendMessage")
      .then((all) =>
        Promise.all(all.filter((hook) => listens(hook, room)).map((hook) => call(hook, message, room))),
      )
      .catch((error) => console.error(`outgoing webhook: ${error.message}`));
  });

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
      const answer = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(data),
      });
      const text = answer.ok ? (await answer.json().catch(() => undefined))?.text : undefined;
      if (text === undefined) continue;
      const user = await users.byName(hook.username);
      const { alias, avatar, emoji, _id } = hook;
      await rooms.post(room, user, { msg: text, alias, avatar, emoji, bot: { i: _id } });
    }
  }
}

function listens({ channel }, room) {
  return (
    channel.length === 0 ||
    ["all_public_channels", `#${room.name}`, `#${room._id}`].some((name) => channel.includes(name))
  );
}
