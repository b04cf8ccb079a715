import { describe } from "vitest";
import { adversary } from "./adversary";

describe("with uploads on a disk of their own, a process of the application's uid", () =>
  adversary("dphb-", true));
