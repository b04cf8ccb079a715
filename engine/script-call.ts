/** Whose a file on the host is: a user of an image (the image's own by default), or a fixed uid and gid. */
export type ScriptOwner = { image: string; user?: string } | { uid: number };

/** A script of `scripts/` that the operator's machine runs: the arguments of `sh`, and its variables. */
export interface ScriptCall<Value = string> {
  args: string[];
  variables: Record<string, Value | string>;
}

/** Where a script of the host runs. */
export interface HelperPlace {
  /** Has a POSIX shell. */
  image: string;
  /** Host directory that it sees. */
  mount: string;
}

export interface HelperOptions {
  /** The script gets `OWNER`. @default it is not set */
  owner?: ScriptOwner;
  /** The directory is refused when it is missing, not made. @default false */
  mountExists?: boolean;
}

/** As `scripts/host/helper.sh` takes what it needs itself. */
export function helperPlace({ image, mount }: HelperPlace): Record<"HELPER_IMAGE" | "MOUNT", string> {
  return { HELPER_IMAGE: image, MOUNT: mount };
}

/**
 * A script that `scripts/host/helper.sh` runs on the engine's host.
 * @param variables What the script gets.
 */
export function helperCall<Value>(
  script: string,
  place: HelperPlace,
  variables: Record<string, Value | string>,
  { owner, mountExists = false }: HelperOptions = {},
): ScriptCall<Value> {
  const fixed = owner !== undefined && "uid" in owner ? { OWNER: `${owner.uid}:${owner.uid}` } : {};
  return {
    args: ["scripts/host/helper.sh", script],
    variables: {
      ...passed({ ...variables, ...fixed }),
      ...helperPlace(place),
      ...(owner !== undefined && "image" in owner && { OWNER_IMAGE: owner.image }),
      ...(owner !== undefined && "user" in owner && { OWNER_USER: owner.user }),
      ...(mountExists && { MOUNT_EXISTS: "yes" }),
    },
  };
}

/** In a running container, or for mongosh in a throw-away one on a network. */
export type ExecPlace = { container: string } | { image: string; network: string };

/** A script that `scripts/host/exec-script.sh` runs in a container. */
export function execCall<Value>(
  interpreter: "node" | "mongosh",
  script: string,
  place: ExecPlace,
  variables: Record<string, Value | string>,
): ScriptCall<Value> {
  return {
    args: ["scripts/host/exec-script.sh", interpreter, script],
    variables: {
      ...passed(variables),
      ...("container" in place
        ? { CONTAINER: place.container }
        : { IMAGE: place.image, NETWORK: place.network }),
    },
  };
}

/** What the script itself gets: the names say which of the caller's variables. */
function passed<Value>(variables: Record<string, Value | string>): Record<string, Value | string> {
  return { ...variables, PASS: Object.keys(variables).join(" ") };
}
