import { describe } from "vitest";
import { adversary } from "./adversary";

describe("with uploads in the workspace's directory, a process of the application's uid", () =>
  adversary("dpha-", false));
