import { ensureEngine } from "./docker-engine";
import { ensureImages } from "./images";
import { ensureToolchain } from "./toolchain";

/** What tests and benchmarks on an engine run in: everything they need is there, and no command of theirs looks for it again. */
export async function engineEnvironment(): Promise<NodeJS.ProcessEnv> {
  const toolchain = await ensureToolchain();
  const engine = await ensureEngine();
  const images = await ensureImages(engine);
  return { ...toolchain, DOCKER_HOST: engine, IMAGES: images === undefined ? "official" : "lab" };
}
