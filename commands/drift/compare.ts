import { commandFor } from "../../settings/command";
import { fileDifferences } from "./compare-files";
import type { Difference } from "./difference";
import type { Expected, ExpectedContainer, Limits } from "./expected";
import type { KeptLimits, Seen, SeenContainer } from "./look";

/** What is not as the state says, in the order in which it is mended: what something else rests on comes first. */
export function compare(expected: Expected, seen: Seen, stack: string): Difference[] {
  const files = fileDifferences(expected, seen);
  return [
    ...networkDifferences(expected, seen, stack),
    ...files,
    ...expected.containers.flatMap((container) => containerDifferences(container, expected, seen, stack)),
    ...restarts(expected, seen, files),
  ];
}

function networkDifferences({ networks }: Expected, seen: Seen, stack: string): Difference[] {
  return networks.flatMap(({ urn, id, name }): Difference[] => {
    const found = seen.networks.get(name);
    if (found === id) return [];
    const what = `network ${name}`;
    return found === undefined
      ? [{ what, why: "is not there", mend: { kind: "forget", urn } }]
      : [
          {
            what,
            why: "is another one than the deployment made",
            mend: { kind: "leave", advice: anew(name, stack) },
          },
        ];
  });
}

const anew = (network: string, stack: string) =>
  `if it was made by hand, remove it (docker network rm ${network}) and run ${commandFor(stack, "up")}; if the state is an older one: ${commandFor(stack, "recover")}`;

function containerDifferences(
  container: ExpectedContainer,
  expected: Expected,
  seen: Seen,
  stack: string,
): Difference[] {
  const { id, name, urn } = container;
  const what = `container ${name}`;
  const found = seen.containers.get(name);
  if (found === undefined) return [{ what, why: "is not there", mend: { kind: "forget", urn } }];
  if (found.Id !== id) {
    const advice = `see ${commandFor(stack, "recover")}, which takes it over`;
    return [{ what, why: "is another one than the deployment made", mend: { kind: "leave", advice } }];
  }
  const { Status } = found.State;
  const gone = expected.networks.filter(
    ({ name: network, id: networkId }) =>
      container.networks.some((own) => own.name === network) && seen.networks.get(network) !== networkId,
  );
  if (Status === "dead" || (gone.length > 0 && seen.networks.get(gone[0]!.name) === undefined)) {
    const why = Status === "dead" ? "is dead" : `was on the network ${gone[0]!.name}, which is gone`;
    return [{ what, why, mend: { kind: "forget", urn, leftover: name } }];
  }
  return [
    ...limitDifference(container, found, seen.limits),
    ...joinDifferences(container, found),
    ...(Status === "exited" || Status === "created"
      ? [{ what, why: `does not run (${Status})`, mend: { kind: "start", container: name } } as const]
      : []),
    ...(Status === "paused"
      ? [{ what, why: "is paused", mend: { kind: "unpause", container: name } } as const]
      : []),
  ];
}

function joinDifferences(container: ExpectedContainer, found: SeenContainer): Difference[] {
  const what = `container ${container.name}`;
  const on = found.NetworkSettings.Networks;
  const missing = container.networks.flatMap(({ name, aliases }): Difference[] => {
    const known = on[name];
    if (known !== undefined && aliases.every((alias) => known.Aliases?.includes(alias))) return [];
    const why =
      known === undefined
        ? `is not on the network ${name}`
        : `is on the network ${name} without its name ${aliases.find((alias) => !known.Aliases?.includes(alias))}`;
    return [{ what, why, mend: { kind: "join", container, network: name, rejoin: known !== undefined } }];
  });
  const names = container.networks.map(({ name }) => name);
  const more = Object.keys(on).filter((name) => !names.includes(name));
  return [
    ...missing,
    ...more.map((name): Difference => {
      const advice = `if nobody needs that: docker network disconnect ${name} ${container.name}`;
      return { what, why: `is on the network ${name} as well`, mend: { kind: "note", advice } };
    }),
  ];
}

function limitDifference(
  { name, limits }: ExpectedContainer,
  found: SeenContainer,
  kept: KeptLimits,
): Difference[] {
  const changed = limitsOf(limits, found, kept).filter(
    ({ is, should }) => should !== undefined && is !== should,
  );
  if (changed.length === 0) return [];
  const why = changed.map(({ what, is, should }) => `${what} is ${is} where ${should} was set`).join(" and ");
  const flags = changed.flatMap(({ flags }) => flags);
  return [
    { what: `container ${name}`, why, mend: { kind: "limit", container: name, flags: [...new Set(flags)] } },
  ];
}

interface Limit {
  what: string;
  is: string;
  should: string | undefined;
  flags: string[];
}

/** What the engine keeps of what was set: of the rest nothing is expected. */
function limitsOf(limits: Limits, { HostConfig: now }: SeenContainer, kept: KeptLimits): Limit[] {
  // The engine wants both at once: one alone may be refused for the other.
  const memory = [`--memory=${limits.memoryBytes ?? 0}`, `--memory-swap=${limits.swapBytes ?? 0}`];
  const cpus = (nano: number) => String(nano / 1e9);
  return [
    {
      what: "restart policy",
      is: now.RestartPolicy.Name,
      should: limits.restart,
      flags: [`--restart=${limits.restart}`],
    },
    {
      what: "memory",
      is: String(now.Memory),
      should: kept.memory ? text(limits.memoryBytes) : undefined,
      flags: memory,
    },
    {
      what: "memory and swap",
      is: String(now.MemorySwap),
      should: kept.memory && kept.swap ? text(limits.swapBytes) : undefined,
      flags: memory,
    },
    {
      what: "processors",
      is: cpus(now.NanoCpus),
      should: limits.nanoCpus === undefined ? undefined : cpus(limits.nanoCpus),
      flags: [`--cpus=${cpus(limits.nanoCpus ?? 0)}`],
    },
    {
      what: "weight of its processors",
      is: String(now.CpuShares),
      should: kept.cpuShares ? text(limits.cpuShares) : undefined,
      flags: [`--cpu-shares=${limits.cpuShares}`],
    },
    {
      what: "processes at most",
      is: String(now.PidsLimit ?? 0),
      should: kept.pids ? text(limits.pids) : undefined,
      flags: [`--pids-limit=${limits.pids}`],
    },
  ];
}

function text(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** A program that was started on a file that was changed by hand goes on with it until it is started again. */
function restarts({ containers }: Expected, seen: Seen, files: Difference[]): Difference[] {
  return containers.flatMap(({ id, mounts, name }): Difference[] => {
    const found = seen.containers.get(name);
    if (found?.Id !== id || !["running", "restarting"].includes(found.State.Status)) return [];
    const started = Date.parse(found.State.StartedAt) / 1000;
    const read = files.find(
      ({ mend, what }) =>
        mend.kind === "write" &&
        mend.file.kind === "file" &&
        !mend.owned &&
        mounts.includes(what) &&
        // What is not there at all was not read.
        seen.files.get(what)?.kind !== "missing" &&
        seen.files.get(what)!.written < started,
    );
    if (read === undefined) return [];
    const why = `was started after ${read.what} was changed`;
    return [{ what: `container ${name}`, why, mend: { kind: "restart", container: name } }];
  });
}
