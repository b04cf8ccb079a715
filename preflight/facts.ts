import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Docker } from "../engine/docker";
import { throwAway } from "../engine/hardening";
import { stackLabel, withLabel } from "../engine/labels";
import { inventoryOf } from "../inventory";
import { backupHome } from "../inventory/backup";
import { notesOf } from "../inventory/host";
import type { PlainSettings } from "../settings/schema";
import type { Mounted, Place, EngineFacts, HostFacts } from "./host-facts";
import { hostClock } from "./host-time";
import { listenersIn, publishedIn } from "./listeners";
import { formerPlaces } from "./moved";

export async function engineFacts(docker: Docker): Promise<EngineFacts> {
  const format = "{{.Server.Version}} {{.Server.Os}} {{.Server.Arch}}";
  const [version = "", os = "", arch = ""] = (await docker.run("version", "--format", format)).split(" ");
  return { version, os, arch };
}

/**
 * @param withHost Whether the helper image can run; without it sockets and places are unknown, which no check takes for a fault.
 * @throws DockerFailed
 */
export async function hostFacts(
  settings: PlainSettings,
  docker: Docker,
  engine: EngineFacts,
  images: HostFacts["images"],
  withHost: boolean,
): Promise<HostFacts> {
  const [info, containers, networks, mounts] = await Promise.all([
    docker.run("info", "--format", "{{.DockerRootDir}}\t{{.KernelVersion}}"),
    docker.run("ps", "--all", "--format", `{{.Names}}\t{{.Label "${stackLabel}"}}\t{{.Ports}}`),
    docker.run("network", "ls", "--format", `{{.Name}}\t{{.Label "${stackLabel}"}}`),
    mountsOf(settings, docker),
  ]);
  const [dataRoot = "", kernel = ""] = info.split("\t");
  const places = [
    dataRoot,
    ...(settings.backup === undefined ? [] : [hostClock]),
    backupHome(settings),
    ...formerPlaces(settings, mounts),
    ...inventoryOf(settings).homes.flatMap(({ path, contents, proofIn }) => [path, ...contents, proofIn]),
  ];
  return {
    engine,
    dataRoot,
    kernel,
    containers: rows(containers).map(([name = "", stack = "", ports = ""]) => ({
      name,
      stack,
      ports: publishedIn(ports),
    })),
    networks: rows(networks).map(([name = "", stack = ""]) => ({ name, stack })),
    mounts,
    images,
    ...(withHost
      ? hostFactsIn(await look(settings, docker, [...new Set(places)]))
      : {
          hasAvx: true,
          listeners: [],
          noted: new Map<string, string>(),
          places: new Map<string, Place>(),
        }),
    docker,
  };
}

async function mountsOf({ stack }: PlainSettings, docker: Docker): Promise<Mounted[]> {
  const ids = await docker.run("ps", "--all", "--quiet", withLabel(stackLabel, stack));
  if (ids === "") return [];
  // What has gone meanwhile is nobody's.
  const format =
    '{{$name := .Name}}{{range .Mounts}}{{$name}}{{"\\t"}}{{.Destination}}{{"\\t"}}{{.Source}}{{"\\n"}}{{end}}';
  const found = await docker
    .run("container", "inspect", "--format", format, ...ids.split("\n"))
    .catch(() => "");
  return rows(found).map(([name = "", path = "", source = ""]) => ({
    container: name.slice(1),
    path,
    source,
  }));
}

/** The platforms of those of the settings' images that the engine has. */
export async function imagesOn(settings: PlainSettings, docker: Docker): Promise<HostFacts["images"]> {
  const found = new Map<string, { os: string; arch: string }>();
  await Promise.all(
    inventoryOf(settings).images.map(async ({ name: image }) => {
      const answer = await docker
        .run("image", "inspect", "--format", "{{.Os}} {{.Architecture}}", image)
        .catch(() => "");
      const [os, arch] = answer.split(" ");
      if (os && arch) found.set(image, { os, arch });
    }),
  );
  return found;
}

/** Runs `scripts/host/look.sh` in a throw-away container that may read everything and change nothing. */
function look(settings: PlainSettings, docker: Docker, places: string[]): Promise<string> {
  const script = readFileSync(join(__dirname, "..", "scripts/host/look.sh"), "utf8");
  return docker.run(
    ...throwAway,
    "--user=0",
    "--network=host",
    "--cap-add=DAC_READ_SEARCH",
    "--memory=64m",
    "--pids-limit=64",
    `--env=PLACES=${places.join(" ")}`,
    `--env=NOTES=${notesOf(settings).join(" ")}`,
    "--mount=type=bind,source=/,target=/host,readonly",
    "--entrypoint=sh",
    settings.helperImage,
    "-euc",
    script,
  );
}

/** What `scripts/host/look.sh` printed. */
export function hostFactsIn(text: string): Pick<HostFacts, "hasAvx" | "listeners" | "noted" | "places"> {
  const places = new Map<string, Place>();
  const lines = rows(text);
  for (const [word, path = "", kind, device = "", free] of lines) {
    if (word !== "place") continue;
    const entries = lines
      .filter(([also, of]) => also === "entry" && of === path)
      .map(([, , name = ""]) => name);
    const owners = lines
      .filter(([also, of]) => also === "owner" && of === path)
      .map(([, , above = "/", uid, gid, mode = "0"]) => ({
        path: above.replace(/(.)\/$/, "$1"),
        uid: Number(uid),
        gid: Number(gid),
        mode: parseInt(mode, 8),
      }));
    places.set(path, { kind: kind as Place["kind"], entries, device, freeBytes: Number(free), owners });
  }
  return {
    hasAvx: lines.some(([word, value]) => word === "avx" && value === "yes"),
    listeners: listenersIn(lines.filter(([word]) => word === "listen").map(([, line = ""]) => line)),
    noted: new Map(
      lines
        .filter(([word]) => word === "noted")
        .map(([, key = "", value = ""]): [string, string] => [key, value]),
    ),
    places,
  };
}

/** Lines whose parts are separated by tabs. */
export function rows(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
}
