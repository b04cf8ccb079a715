import { describe } from "vitest";
import { plantedLinks } from "../integration/planted-links";

describe("a hostile Rocket.Chat whose uploads lie on a disk of their own", () => plantedLinks("ithy-", true));
