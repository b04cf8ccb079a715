// What a backup costs: 1 GB, half of it database and half of it files, to a repository on the same disk. Prints how long the first
// one and an unchanged second one take, and how long a chat request takes meanwhile and without.
//   usage  npm run bench -- backup
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type Session, until } from "../integration/site";
import { Gigabyte, onGigabyte } from "./gigabyte";

const stack = new Gigabyte({ prefix: "itbkb-", httpPort: 24180, httpsPort: 24543 }, "0 seconds");

/** One chat request after the other: a message posted, the newest read. @returns milliseconds each, sorted */
async function latencies(admin: Session, going: () => boolean): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; going(); n++) {
    const began = performance.now();
    await admin.post(`request ${n}`);
    await admin.messages();
    taken.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return taken.sort((a, b) => a - b);
}

const at = (sorted: number[], share: number) =>
  `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!)} ms`;
const told = (sorted: number[]) =>
  `p50 ${at(sorted, 0.5)}, p99 ${at(sorted, 0.99)}, longest ${at(sorted, 1)} of ${sorted.length}`;

onGigabyte(stack, async () => {
  const { admin } = await stack.start();
  await until("the first, empty backup is made", () => {
    const status = JSON.parse(readFileSync(`${stack.home}/backup/status.json`, "utf8")) as object;
    return "lastSuccessAt" in status ? Promise.resolve() : Promise.reject(new Error("not yet"));
  });
  stack.fill();

  const end = Date.now() + 20_000;
  console.log(`requests without a backup: ${told(await latencies(admin, () => Date.now() < end))}`);
  for (const which of ["first", "second, unchanged"]) {
    let going = true;
    const requests = latencies(admin, () => going);
    const seconds = await stack.run("backup");
    going = false;
    console.log(`${which} backup: ${seconds.toFixed(1)} s; requests meanwhile: ${told(await requests)}`);
  }
  const size = execFileSync("du", ["-sm", stack.repository], { encoding: "utf8" }).split("\t")[0];
  console.log(`repository: ${size} MB`);
});
