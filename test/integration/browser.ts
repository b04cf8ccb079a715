import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Browser as Chromium,
  type BrowserContext,
  chromium,
  type Page,
  type WebSocket,
} from "playwright-core";
import { capture, OperatorError, step } from "../../terminal/steps";
import { aptInstall } from "./debian";

const program = "/usr/bin/chromium";

/** Chromium and the tool that fills its store of certificates, from Debian's packages where they are missing. */
export async function ensureChromium(): Promise<void> {
  const trust = await capture({ command: "certutil", args: ["-H"] });
  if (existsSync(program) && trust.status !== 127) return;
  if (!existsSync("/etc/debian_version") || process.getuid?.() !== 0) {
    throw new OperatorError(
      `${program}: must be there, and certutil on the PATH (got none); install chromium and NSS's tools with your system's package manager`,
    );
  }
  await step({
    title: "installing Chromium",
    about: "about 1 minute",
    log: "chromium-install",
    command: "sh",
    args: ["-c", aptInstall("chromium", "libnss3-tools")],
    fix: "see that Debian's packages can be reached, then run the command again",
  });
}

/**
 * Headless Chromium as a user has it: it trusts the roots that it is given, in its own store, and refuses every other
 * certificate. Names lead to this machine.
 */
export class Browser {
  private readonly home = mkdtempSync(join(tmpdir(), "rocketchat-browser-"));
  private chromium: Chromium | undefined;

  /** @param names Host names, each with the port of this machine that answers for it. */
  async start(roots: string[], names: Record<string, number>): Promise<void> {
    const store = join(this.home, ".pki", "nssdb");
    mkdirSync(store, { recursive: true });
    const certutil = (...args: string[]) => execFileSync("certutil", ["-d", `sql:${store}`, ...args]);
    certutil("-N", "--empty-password");
    roots.forEach((root, i) => {
      const file = join(this.home, `root-${i}.pem`);
      writeFileSync(file, root);
      certutil("-A", "-n", `root-${i}`, "-t", "C,,", "-i", file);
    });
    const rules = Object.entries(names).map(([name, port]) => `MAP ${name} 127.0.0.1:${port}`);
    this.chromium = await chromium.launch({
      executablePath: program,
      env: { ...process.env, HOME: this.home },
      args: [`--host-resolver-rules=${rules.join(", ")}`],
    });
  }

  /** A window of its own, where somebody is logged in as Rocket.Chat's page remembers it. */
  async window(origin: string, login: { userId: string; token: string }): Promise<Window> {
    const context = await this.chromium!.newContext({ viewport: { width: 1000, height: 700 } });
    await context.addInitScript(
      ([home, userId, token]) => {
        const { localStorage, location } = globalThis as unknown as {
          localStorage: { setItem(name: string, value: string): void };
          location: { origin: string };
        };
        if (location.origin !== home) return;
        localStorage.setItem("Meteor.userId", userId!);
        localStorage.setItem("Meteor.loginToken", token!);
      },
      [origin, login.userId, login.token],
    );
    return new Window(context, await context.newPage());
  }

  async close(): Promise<void> {
    await this.chromium?.close();
    // One of its processes may live a moment longer, and write.
    rmSync(this.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** A page, and everything that went wrong in it. */
export class Window {
  /** Errors on the console, scripts that failed, requests that were refused, blocked or answered with an error. */
  readonly faults: string[] = [];
  readonly sockets: WebSocket[] = [];

  constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on("console", (message) => {
      if (message.type() === "error") this.faults.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.faults.push(`script: ${error.message}`));
    page.on("requestfailed", (request) =>
      this.faults.push(`request: ${request.url()}: ${request.failure()?.errorText}`),
    );
    page.on("response", (response) => {
      if (response.status() >= 400) this.faults.push(`response: ${response.url()}: ${response.status()}`);
    });
    page.on("websocket", (socket) => this.sockets.push(socket));
  }

  /** The new tab that something opens. */
  async tabOpenedBy(work: () => Promise<unknown>): Promise<Page> {
    const [tab] = await Promise.all([this.context.waitForEvent("page"), work()]);
    await tab.waitForLoadState();
    return tab;
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
