import * as http from "node:http";
import type { DockerCli } from "./engine";
import { answerOf, Site, until } from "./site";

/** A workspace as it is reached before there is a front door: plain HTTP on a published port of this machine. */
export class PlainSite extends Site {
  constructor(private readonly port: number) {
    super("chat.localhost", port, port, "");
  }

  override open(method: string, path: string, headers: Record<string, string>) {
    const request = http.request({ method, path, headers, host: "127.0.0.1", port: this.port, agent: false });
    return { request, answer: answerOf(request) };
  }
}

export interface ByHand {
  /** Goes before the names and the directories, as in the stack that takes it over. */
  prefix: string;
  images: { mongo: string; rocketchat: string; busybox: string };
  /** Options of docker run and arguments of mongod. */
  mongo: { options: string[]; args: string[] };
  /** Run in mongosh once mongod answers. */
  initiate: string;
  chat: { options: string[]; port: number; env: Record<string, string> };
}

/** Starts Rocket.Chat and MongoDB as somebody without this project does, and waits until the chat answers. */
export async function startByHand(docker: DockerCli, hand: ByHand): Promise<PlainSite> {
  const { prefix, images, mongo, chat } = hand;
  const network = `${prefix}old`;
  docker.run("network", "create", network);
  docker.run(
    "run",
    "--detach",
    `--name=${prefix}mongodb-shared`,
    `--network=${network}`,
    "--restart=always",
    ...mongo.options,
    images.mongo,
    "mongod",
    ...mongo.args,
  );
  await until("mongod answers", () =>
    Promise.resolve(
      docker.run("exec", `${prefix}mongodb-shared`, "mongosh", "--quiet", "--eval", "db.hello().ok"),
    ),
  );
  docker.run("exec", `${prefix}mongodb-shared`, "mongosh", "--quiet", "--eval", hand.initiate);
  docker.run(
    "run",
    "--detach",
    `--name=${prefix}rocketchat`,
    `--network=${network}`,
    "--restart=unless-stopped",
    `--publish=127.0.0.1:${chat.port}:3000`,
    ...Object.entries(chat.env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ...chat.options,
    images.rocketchat,
  );
  const site = new PlainSite(chat.port);
  await until("the old workspace answers", () => site.json("GET", "/api/info"));
  return site;
}
