// What Rocket.Chat runs on each call of an incoming webhook.
// eslint-disable-next-line no-unused-vars
class Script {
  process_incoming_request({ request }) {
    return { content: { text: request.content.text.toUpperCase() } };
  }
}
