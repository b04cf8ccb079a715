import type { Site } from "./site";

/** Stops Rocket.Chat, so that it stays stopped: the engine would start it when the host starts anew. */
export async function stopChat({ host, chat, settings }: Site): Promise<void> {
  await host.docker(["update", "--restart", "no", chat]);
  await host.docker(["stop", "--time", String(settings.rocketchat.stopGrace.toSeconds()), chat]);
}
