import { z } from "zod";
import { canQuoteEnvValue } from "./dotenv";
import { byteSize, directory, duration, flag, image, listOf, oneOf, text, wholeNumber } from "./leaf";
import { isExactVersion } from "./names";
import { ByteSize, Duration } from "./units";
import { line, webAddress } from "./workspace/leaves";

export interface RocketChatSettings {
  /** Exact x.y.z or x.y.z-rc.N of Rocket.Chat 7, 8 or 9; required. Migrations are one-way, majors not skipped. */
  version: string;

  /** @default "rocketchat/rocket.chat:<version>" */
  image: string;

  /**
   * The port inside the container, 1024 to 65535; it is never published.
   * @default 3000
   */
  port: number;

  /**
   * On the host: custom emoji, custom sounds and exports of user data, where they are files.
   * @default "<directory>/data"
   */
  dataDirectory: string;

  /**
   * How long Rocket.Chat may take to stop before it is killed.
   * @default 30 seconds
   */
  stopGrace: Duration;

  /**
   * Starts Rocket.Chat on a MongoDB that it does not support (`BYPASS_MONGO_VALIDATION`). For labs only.
   * @default false
   */
  bypassMongoValidation: boolean;
}

/** The administrator that the first start creates. Later changes of name and address have no effect: Rocket.Chat ignores them. */
export interface AdminSettings {
  /** @default "admin" */
  username: string;
  /** @default "Administrator" */
  name: string;
  /** Left out: the account has no e-mail address. */
  email?: string;
  /**
   * Which generated password counts, from 1. A higher number than before is a new password, which is set in Rocket.Chat.
   * @default 1
   */
  passwordGeneration: number;
}

/** Where bytes lie: files in a directory on the host, or GridFS, inside the database. */
export type FileStore = "FileSystem" | "GridFS";

export interface UploadsSettings {
  /**
   * The largest file a user may send, at least 1 MiB: below that the first start dies on its own bot's avatar.
   * @default 100 MiB
   */
  maxSize: ByteSize;

  /**
   * Where new uploads are stored. A file stays in the store it was written to and is served from there, so a change moves none.
   * @default "FileSystem"
   */
  storage: FileStore | "AmazonS3";

  /**
   * On the host: the uploads that are files.
   * @default "<directory>/uploads"
   */
  directory: string;

  /**
   * Where custom emoji are. Unlike uploads they are looked for in this store only: a change hides the existing ones.
   * @default "FileSystem"
   */
  emojiStorage: FileStore;

  /**
   * Where custom sounds are; as with emoji, a change hides the existing ones.
   * @default "FileSystem"
   */
  soundStorage: FileStore;

  /** Types that users may send, such as `image/*`. @default Rocket.Chat's: all */
  allowedTypes?: string[] | undefined;

  /** Types that they may not, also when they are allowed above. @default Rocket.Chat's: image/svg+xml */
  refusedTypes?: string[] | undefined;

  /** Only who is logged in sees a file. @default Rocket.Chat's: true */
  protect?: boolean | undefined;

  /** Only members of a room see its files. @default Rocket.Chat's: true */
  membersOnly?: boolean | undefined;

  /** A store that speaks S3. Its keys are the secrets `uploadsS3AccessKeyId` and `uploadsS3SecretAccessKey`. */
  s3: S3Settings;
}

export interface S3Settings {
  /** Required with `storage` `AmazonS3`, as `region`. */
  bucket?: string | undefined;
  region?: string | undefined;
  /** For another store than Amazon's. @default Amazon's address */
  endpoint?: string | undefined;
  /** The bucket is part of the path, not of the host name. @default false */
  pathStyle: boolean;
}

export const rocketchatSchema = z.strictObject({
  version: text(
    "8.8.1",
    "must be an exact version x.y.z of Rocket.Chat 7, 8 or 9, the ones this release knows",
    (value) => isExactVersion(value.replace(/-rc\.(0|[1-9][0-9]{0,5})$/, "")) && /^[789]\./.test(value),
  ),
  image: image("rocketchat/rocket.chat:8.8.1").optional(),
  port: wholeNumber(3000, 1024, 65535).default(3000),
  dataDirectory: directory("/opt/rocketchat/data").optional(),
  stopGrace: duration("30 seconds", "1 second", "1 hour").default(Duration.seconds(30)),
  bypassMongoValidation: flag(false).default(false),
});

export const adminSchema = z.strictObject({
  username: text("admin", 'must be 1 to 64 letters, digits, "-", "_" and "."', (value) =>
    /^[0-9a-zA-Z_.-]{1,64}$/.test(value),
  ).default("admin"),
  name: text("Administrator", "must be a name of 1 to 100 characters that .env can hold", (value) =>
    isLine(value, 100),
  ).default("Administrator"),
  email: text("admin@example.org", "must be an e-mail address", isEmail).optional(),
  passwordGeneration: wholeNumber(1, 1, 1_000_000).default(1),
});

const fileStore = oneOf("FileSystem", "GridFS");

const mediaTypes = (example: string) =>
  listOf(example, `must be media types such as ${example}, with a blank between them`, (word) =>
    /^[a-z0-9.+-]+\/(\*|[a-z0-9.+-]+)$/.test(word),
  );

export const uploadsSchema = z.strictObject({
  maxSize: byteSize("100 MiB", "1 MiB", "1 TiB").default(ByteSize.mebibytes(100)),
  storage: oneOf("FileSystem", "GridFS", "AmazonS3").default("FileSystem"),
  directory: directory("/opt/rocketchat/uploads").optional(),
  emojiStorage: fileStore.default("FileSystem"),
  soundStorage: fileStore.default("FileSystem"),
  allowedTypes: mediaTypes("image/* application/pdf").optional(),
  refusedTypes: mediaTypes("image/svg+xml text/html").optional(),
  protect: flag(true).optional(),
  membersOnly: flag(true).optional(),
  s3: z.strictObject({
    bucket: text(
      "chat-uploads",
      "must be the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens",
      (name) => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name),
    ).optional(),
    region: line("eu-west-3", 64).optional(),
    endpoint: webAddress("https://s3.example.org", "https", "http").optional(),
    pathStyle: flag(false).default(false),
  }),
});

/** As HTML's e-mail fields have it, with the lengths and the dots of RFC 5321, in a domain that is no single word. */
export function isEmail(value: string): boolean {
  const [local = "", domain = ""] = value.split("@");
  const lengths = value.length <= 254 && local.length <= 64;
  return lengths && z.regexes.html5Email.test(value) && domain.includes(".") && !/^\.|\.\.|\.$/.test(local);
}

function isLine(value: string, longest: number): boolean {
  return value.trim() !== "" && value.length <= longest && !/\p{Cc}/u.test(value) && canQuoteEnvValue(value);
}
