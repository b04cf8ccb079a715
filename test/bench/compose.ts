import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ensureImages } from "../../machine/images";
import { ports } from "./deployment";
import { type Ran, run } from "./run";

/** The same servers as `docker-compose up` starts them, without the security of a stack. */
export class Compose {
  private readonly tool = composeTool();
  private maxFileSize = 1;

  private constructor(private readonly images: Record<string, string>) {}

  static async prepare(): Promise<Compose> {
    const compose = new Compose(await imagesOf());
    await compose.down();
    return compose;
  }

  up(): Promise<Ran> {
    return this.run("up", "--detach");
  }

  /** Another value of a setting, which makes Rocket.Chat's container anew. */
  changeSetting(): void {
    this.maxFileSize++;
  }

  async down(): Promise<void> {
    await this.run("down", "--volumes", "--timeout", "1");
  }

  remove(): Promise<void> {
    return this.down();
  }

  private run(...args: string[]): Promise<Ran> {
    const [command, ...more] = this.tool;
    return run(command!, [...more, "--project-name", "bnc-compose", ...args], join(__dirname, "compose"), {
      ...process.env,
      ...this.images,
      HTTP_PORT: String(ports.compose.http),
      HTTPS_PORT: String(ports.compose.https),
      MAX_FILE_SIZE: String(this.maxFileSize << 20),
    });
  }
}

function composeTool(): string[] {
  const tools = [["docker", "compose"], ["docker-compose"]];
  const there = tools.find(([command, ...args]) => spawnSync(command!, [...args, "version"]).status === 0);
  if (there === undefined)
    throw new Error(
      "npm run bench: needs docker compose or docker-compose on this machine (got neither); install one: on Debian 12, apt-get install docker-compose",
    );
  return there;
}

/** The stand-ins, or those of the tracked settings. */
async function imagesOf(): Promise<Record<string, string>> {
  const lab = await ensureImages(process.env["DOCKER_HOST"]!);
  if (lab !== undefined)
    return { MONGO_IMAGE: lab.mongo, ROCKETCHAT_IMAGE: lab.rocketchat, TRAEFIK_IMAGE: lab.traefik };
  const { config } = parse(readFileSync("Pulumi.local.yaml", "utf8")) as {
    config: Record<string, { version: string }>;
  };
  const version = (group: string) => config[`rocketchat:${group}`]!.version;
  return {
    MONGO_IMAGE: `mongo:${version("mongo")}`,
    ROCKETCHAT_IMAGE: `rocketchat/rocket.chat:${version("rocketchat")}`,
    TRAEFIK_IMAGE: `traefik:v${version("ingress")}`,
  };
}
