/**
 * A container image that means the same bytes tomorrow: `[registry[:port]/]repository:tag[@sha256:digest]`.
 *
 * Without a digest the tag must be exact: `8.0.20`, `v3.7.15`, `8.8.1-rc.1`; or, for the lab's own images
 * (`lab/...`), the hash of their sources. Tags that move (`latest`, `8`, `8.0`, `v3`, `lts`) are refused.
 */
export class ImageRef {
  private constructor(
    /** Registry and path: `mongo`, `registry.example.org:5000/rocketchat/rocket.chat`. */
    readonly repository: string,
    readonly tag: string,
    /** `sha256:` and 64 hex digits. */
    readonly digest?: string,
  ) {}

  /** Throws a RangeError whose message is the rule that is broken, starting with `must`. */
  static parse(text: string): ImageRef {
    const [, repository, tag, digest] = IMAGE.exec(text) ?? [];
    if (repository === undefined || repository.length > 255) {
      throw new RangeError("must be an image name such as mongo:8.0.20, lower-case, with a tag");
    }
    if (tag === undefined) throw new RangeError("must name an exact tag such as mongo:8.0.20");
    if (digest !== undefined) return new ImageRef(repository, tag, digest);
    const hashed = repository.startsWith("lab/") && LAB_TAG.test(tag);
    if (!hashed && !EXACT_TAG.test(tag)) {
      throw new RangeError("must name an exact tag such as mongo:8.0.20 or a digest, not a tag that moves");
    }
    return new ImageRef(repository, tag);
  }

  toString(): string {
    return `${this.repository}:${this.tag}${this.digest === undefined ? "" : `@${this.digest}`}`;
  }
}

// The grammar of distribution/reference: what comes first is a registry when it has a dot, a port or a capital, or is localhost.
const NAME = "(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])";
const HOST = `(?:${NAME}(?:\\.${NAME})+|localhost|(?=[a-z0-9-]*[A-Z])${NAME}|${NAME}(?=:[0-9])|\\[[0-9A-Fa-f:]+\\])`;
const WORD = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const IMAGE = new RegExp(
  `^((?:${HOST}(?::[1-9][0-9]{0,4})?/)?${WORD}(?:/${WORD})*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$`,
);
const EXACT_TAG = /^v?[0-9]+\.[0-9]+\.[0-9]+(-[A-Za-z0-9_.-]+)?$/;
const LAB_TAG = /^[0-9a-f]{12,64}$/;
