import { inventoryOf } from "../inventory";
import { ownMongo } from "../settings/own-servers";
import { setCommand } from "../settings/problems";
import type { Check } from "./check";

/** What a processor runs beside its own. */
const alsoRuns: Record<string, string[]> = { amd64: ["386"], arm64: ["arm"] };

export const architecture: Check = (settings, { engine, hasAvx, images }) => {
  const wrong = inventoryOf(settings).images.flatMap(({ key, name: image }) => {
    const platform = images.get(image);
    if (platform === undefined || runs(engine.arch, platform.arch)) return [];
    return [
      {
        key,
        rule: `must be built for the engine's processor, ${engine.arch}`,
        value: `got ${image} for ${platform.arch}`,
        fix: `remove it (docker image rm ${image}), so that the right one is fetched, or name another: ${setCommand(key, "IMAGE")}`,
      },
    ];
  });
  const mongo = ownMongo(settings);
  if (mongo === undefined || engine.arch !== "amd64" || hasAvx || Number.parseInt(mongo.version) < 5)
    return wrong;
  return [
    ...wrong,
    {
      key: "mongo.version",
      rule: "must be below 5 on a processor without AVX, where later ones end with status 132",
      value: `got ${mongo.version}`,
      fix: "give the virtual machine the processor type of its host (kvm64 and the like hide AVX), or use another host",
    },
  ];
};

function runs(engine: string, image: string): boolean {
  return engine === image || (alsoRuns[engine]?.includes(image) ?? false);
}
