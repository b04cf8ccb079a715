import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server as TcpServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { mongoPatience } from "../../components/mongo/mongo-patience";
import { call, environmentOf, mongo, prepareStandIns, type Server, start } from "../lab/standin";

prepareStandIns();

/** A way to mongod that can fall silent: nothing is reset, and what was open then stays silent for ever. */
class Way {
  private readonly server: TcpServer;
  private silent = false;
  private readonly losses: (() => void)[] = [];

  constructor(private readonly to: number) {
    this.server = createServer((near) => {
      near.on("error", () => near.destroy());
      if (this.silent) return void near.resume();
      let lost = false;
      this.losses.push(() => (lost = true));
      const far = connect(this.to, "127.0.0.1");
      near.on("data", (data) => lost || far.write(data));
      far.on("data", (data) => lost || near.write(data));
      near.on("close", () => far.destroy());
      far.on("error", () => far.destroy());
      far.on("close", () => lost || near.destroy());
    });
  }

  async open(): Promise<number> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return (this.server.address() as AddressInfo).port;
  }

  cut(): void {
    this.silent = true;
    this.losses.splice(0).forEach((lose) => lose());
  }

  mend(): void {
    this.silent = false;
  }

  close(): void {
    this.server.close();
  }
}

/** Asks 12 times a second; each answer is its status. */
class Askers {
  private readonly answers: Promise<number>[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(server: Server) {
    this.timer = setInterval(() => {
      const asked = fetch(`${server.url}/api/info`).then(({ status }) => status);
      this.answers.push(asked.catch(() => 0));
    }, 83);
  }

  async stop(): Promise<number[]> {
    clearInterval(this.timer);
    return Promise.all(this.answers);
  }
}

let way: Way | undefined;
afterAll(() => way?.close());

it("refuses nobody while MongoDB is silent for a minute, and goes on soon after it is back", async () => {
  way = new Way(mongo.port);
  const port = await way.open();
  const address = `mongodb://127.0.0.1:${port}/standin-silent?replicaSet=rs0&directConnection=true`;
  const MONGO_URL = `${address}&retryWrites=true&w=majority&journal=true&${mongoPatience}`;
  const server = await start({ ...environmentOf("silent"), MONGO_URL });
  const info = () => call(server, "GET", "/api/info");
  expect((await info()).status).toBe(200);

  const askers = new Askers(server);
  way.cut();
  await sleep(60_000);
  way.mend();
  const back = Date.now();
  expect((await info()).status).toBe(200);
  // An attempt to connect that began in the silence ends within 10 s.
  expect(Date.now() - back).toBeLessThan(15_000);

  const statuses = await askers.stop();
  expect(statuses.length).toBeGreaterThan(600);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
});
