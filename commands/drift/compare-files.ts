import type { Difference } from "./difference";
import type { Expected } from "./expected";
import { type ExpectedFile, type KeptSecret, sha256 } from "./expected-files";
import type { Seen, SeenFile } from "./look";
import { ownerKey } from "./owners";

/** The files and directories that are not as the state says. */
export function fileDifferences(expected: Expected, seen: Seen): Difference[] {
  return expected.files.flatMap((file) => {
    const found = seen.files.get(file.path);
    if (found === undefined) return [];
    if (isBeingReplaced(file, seen)) return [];
    const why = whyNot(file, found, seen);
    return why === undefined ? [] : [{ what: file.path, why, mend: mendOf(file, found, expected, seen) }];
  });
}

function whyNot(file: ExpectedFile, found: SeenFile, seen: Seen): string | undefined {
  if (found.kind === "missing") return "is not there";
  if (found.kind !== file.kind) return `is a ${nameOf(found.kind)} where a ${file.kind} was made`;
  const owner = ownerIn(file, seen);
  const faults = [
    ...(isSame(file, found)
      ? []
      : [`has other content (sha256 ${short(found, file)} where ${file.sha256!.slice(0, 12)} was written)`]),
    ...(file.mode === undefined || file.mode === found.mode
      ? []
      : [`has mode ${found.mode} where ${file.mode} was set`]),
    ...(owner === undefined || owner === found.owner
      ? []
      : [`belongs to ${found.owner} where ${owner} was set`]),
  ];
  return faults.length === 0 ? undefined : faults.join(" and ");
}

function isSame(file: ExpectedFile, found: SeenFile): boolean {
  return file.sha256 === undefined || file.sha256 === hashOf(found, file);
}

/** A secret may have a line end that is not part of it. */
function hashOf(found: SeenFile, file: ExpectedFile): string {
  return file.secret === undefined ? found.sha256 : found.trimmedSha256;
}

function short(found: SeenFile, file: ExpectedFile): string {
  return hashOf(found, file).slice(0, 12);
}

function ownerIn({ owner }: ExpectedFile, seen: Seen): string | undefined {
  return owner === undefined || typeof owner === "string" ? owner : seen.owners.get(ownerKey(owner));
}

function mendOf(file: ExpectedFile, found: SeenFile, expected: Expected, seen: Seen): Difference["mend"] {
  if (file.kind === "directory" && found.kind === "missing" && isInUse(file, expected, seen))
    return {
      kind: "leave",
      advice:
        "what was in it is not there either: put it back from where it was moved to, or from a backup (docs/restore.md); an empty one in its place: mkdir",
    };
  // It may have been moved on purpose, to another disk for instance.
  if (file.kind === "directory" && found.kind === "link")
    return { kind: "note", advice: "if that is meant, name in the settings where it leads" };
  const same = found.kind === file.kind && isSame(file, found);
  if (file.steps.some(({ isUnread }) => isUnread))
    return { kind: "leave", advice: "the state's value could not be read: set the stack's passphrase" };
  if (file.secret !== undefined && !same && isOfAnotherGeneration(file, file.secret, seen))
    return {
      kind: "leave",
      advice: `${generationOf(file)} names another generation than the state: set admin.passwordGeneration to that one`,
    };
  const isInTheWay = found.kind !== "missing" && (found.kind !== file.kind || file.secret !== undefined);
  return { kind: "write", file, setAside: isInTheWay && !same, owned: same };
}

/** What a deployment looks at beside a file. */
export function besides({ path, secret }: ExpectedFile): string[] {
  return secret === undefined ? [] : [`${path}.next`, `${path}.generation`];
}

/** A new value waits until the account has it: what stands there opens the account until then. */
function isBeingReplaced(file: ExpectedFile, seen: Seen): boolean {
  return file.secret !== undefined && seen.files.get(`${file.path}.next`)?.kind === "file";
}

/** The host may know of a later one than an older state. */
function isOfAnotherGeneration(file: ExpectedFile, { generation }: KeptSecret, seen: Seen): boolean {
  const noted = seen.files.get(generationOf(file));
  return noted?.kind === "file" && noted.trimmedSha256 !== sha256(String(generation));
}

const generationOf = ({ path }: ExpectedFile) => `${path}.generation`;

/** A container of the deployment has it, so it held data. */
function isInUse({ path }: ExpectedFile, { containers }: Expected, seen: Seen): boolean {
  return containers.some(
    ({ id, mounts, name }) => seen.containers.get(name)?.Id === id && mounts.includes(path),
  );
}

function nameOf(kind: SeenFile["kind"]): string {
  return kind === "other" ? "device or socket" : kind;
}
