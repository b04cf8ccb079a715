import { isMissing } from "./deployed";
import type { Site } from "./site";

/** Whether there is a container to start or to stop: somebody may have removed one that was stopped. */
export async function hasChat({ host, chat }: Site): Promise<boolean> {
  const found = await host.try(["container", "inspect", chat]);
  return !isMissing(found.stderr);
}

/** Stops Rocket.Chat, so that it stays stopped: the engine would start it when the host starts anew. */
export async function stopChat({ host, chat, settings }: Site): Promise<void> {
  await host.docker(["update", "--restart", "no", chat]);
  await host.docker(["stop", "--time", String(settings.rocketchat.stopGrace.toSeconds()), chat]);
}
