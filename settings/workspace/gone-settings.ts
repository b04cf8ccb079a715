import { removeCommand } from "../problems";
import type { PlainSettings } from "../schema";
import { isGone } from "./known-settings";
import { secretSettingOf } from "./secrets";
import { defaultGitlab } from "./sign-in";

/**
 * A line for each setting that Rocket.Chat of the wanted version has no more. No fault: what a licence brings is missing without one, and
 * only the server knows which it has. It answers 400 where it does not know an id.
 * @param keys The secrets that are set.
 */
export function goneSettings({ rocketchat, workspace }: PlainSettings, keys: string[]): string[] {
  const { settings = {}, signIn } = workspace;
  const ownGitlab = signIn.gitlab !== undefined && signIn.gitlab.url !== defaultGitlab;
  const gone = (id: string) => isGone(id, rocketchat.version);
  const given = [
    ...(ownGitlab ? [["API_Gitlab_URL", "workspace.signIn.gitlab.url"] as const] : []),
    ...Object.keys(settings).map((id) => [id, `workspace.settings.${id}`] as const),
    ...keys.flatMap((key) => {
      const id = secretSettingOf(key);
      return id === undefined ? [] : [[id, key] as const];
    }),
  ];
  return given
    .filter(([id]) => gone(id))
    .map(
      ([id, key]) =>
        `${key}: Rocket.Chat 8 and later without a licence for it have no setting ${id} any more (got version ${rocketchat.version}); where up is refused: ${removeCommand(key)}`,
    );
}
