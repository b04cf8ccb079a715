/** What is known of releases that must not be used, or should not. */
export interface KnownRelease {
  of: "traefik" | "mongo";
  /** The first release that it is true of. */
  from: string;
  /** The first one after it that it is not true of. */
  below: string;
  /** `refused`: this service cannot work with it. `unwise`: a deployment says so and goes on. */
  verdict: "refused" | "unwise";
  /** Completes "must not be …, which". */
  why: string;
  source: string;
}

/** As of 2026-12-01; look again before a pin is raised. Holes that a release mends are listed by the release that mends them. */
export const knownReleases: KnownRelease[] = [
  {
    of: "traefik",
    from: "3.6.4",
    below: "3.6.7",
    verdict: "refused",
    why: "answers 400 to encoded characters in paths, as names of uploads have them",
    source: "traefik/traefik docs, migrate/v3",
  },
  {
    of: "traefik",
    from: "3.6.18",
    below: "3.6.19",
    verdict: "refused",
    why: "was withdrawn",
    source: "traefik/traefik releases",
  },
  {
    of: "traefik",
    from: "3.7.2",
    below: "3.7.3",
    verdict: "refused",
    why: "was withdrawn",
    source: "traefik/traefik releases",
  },
  {
    of: "traefik",
    from: "3.0.0",
    below: "3.7.8",
    verdict: "refused",
    why: "can panic while it holds a WebSocket",
    source: "traefik/traefik#13520",
  },
  {
    of: "traefik",
    from: "3.7.8",
    below: "3.7.13",
    verdict: "unwise",
    why: "has holes that five security advisories tell of",
    source: "traefik/traefik release 3.7.13",
  },
  {
    of: "mongo",
    from: "8.0.0",
    below: "8.0.26",
    verdict: "unwise",
    why: "has known holes that 8.0.26 and 8.0.32 mend",
    source: "MongoDB release notes 8.0; docker-library/official-images#21462",
  },
  {
    of: "mongo",
    from: "8.0.26",
    below: "8.0.32",
    verdict: "unwise",
    why: "has known holes that 8.0.32 mends",
    source: "MongoDB release notes 8.0; docker-library/official-images#22261",
  },
  {
    of: "mongo",
    from: "8.2.0",
    below: "8.3.0",
    verdict: "unwise",
    why: "gets no fixes since 2026-07-31",
    source: "MongoDB release notes 8.2",
  },
];

/** Linux kernels on which MongoDB 8 may crash, and from 8.0.28 on does not start. Source: MongoDB release notes 8.0. */
export const brokenKernels = { from: "6.19", below: "7.0.14", mongoStopsFrom: "8.0.28" };

/** What is known of a release, the worst first. */
export function knownOf(of: KnownRelease["of"], version: string): KnownRelease[] {
  return knownReleases
    .filter((known) => known.of === of && isWithin(version, known))
    .sort((a, b) => a.verdict.localeCompare(b.verdict));
}

/** Whether a version, or a kernel's release such as 6.19.3-arch1, lies in a range. */
export function isWithin(version: string, { from, below }: { from: string; below: string }): boolean {
  return compared(version, from) >= 0 && compared(version, below) < 0;
}

/** Negative where the first is the older. */
export function compared(a: string, b: string): number {
  const [one, other] = [numbers(a), numbers(b)];
  const i = one.findIndex((number, at) => number !== other[at]);
  return i < 0 ? 0 : one[i]! - other[i]!;
}

function numbers(version: string): number[] {
  const [, ...parts] = /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?/.exec(version) ?? [];
  return [0, 1, 2].map((at) => Number(parts[at] ?? 0));
}
