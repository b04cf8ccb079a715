// Script of an outgoing webhook: answers `!jitsi Name` with the address of the meeting. It names no address to call, so Rocket.Chat
// posts the answer and is done. Strict, as Rocket.Chat 9 runs it; nothing but the language itself is there.
//   MEETINGS   what the address of every meeting starts with; a line before this file sets it
/* global MEETINGS */
// eslint-disable-next-line no-unused-vars -- Rocket.Chat makes one
class Script {
  prepare_outgoing_request({ request }) {
    const { bot, text, trigger_word: trigger, message_id: id, tmid } = request.data;
    const rest = text.slice(trigger.length);
    // The answer to another webhook, or a word that only starts like ours.
    if (bot || /^\S/.test(rest)) return undefined;

    const name = rest
      .normalize("NFC")
      .replace(/[^\p{L}\p{N}_-]+/gu, "-")
      .replace(/^-+|-+$/g, "");
    // Without a name: one that nobody can guess, as the camera button has it.
    const meeting = encodeURIComponent([...name].slice(0, 60).join("") || id);
    return { message: { text: `Meeting: ${MEETINGS}${meeting}`, ...(tmid && { tmid }) } };
  }
}
