import { describe } from "vitest";
import { plantedLinks } from "./planted-links";

describe("a hostile Rocket.Chat whose uploads lie in the workspace's directory", () =>
  plantedLinks("ithx-", false));
