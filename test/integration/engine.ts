import { execFileSync } from "node:child_process";

/** The docker CLI against the tests' engine. */
export class DockerCli {
  constructor(private readonly host = process.env["DOCKER_HOST"]) {}

  run(...args: string[]): string {
    const env = { ...process.env, ...(this.host === undefined ? {} : { DOCKER_HOST: this.host }) };
    return execFileSync("docker", args, {
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 64 << 20,
    }).trim();
  }

  /** Names of all containers with a prefix. */
  containers(prefix: string): string[] {
    return lines(this.run("ps", "--all", "--format", "{{.Names}}")).filter((name) => name.startsWith(prefix));
  }

  networks(prefix: string): string[] {
    return lines(this.run("network", "ls", "--format", "{{.Name}}")).filter((name) =>
      name.startsWith(prefix),
    );
  }

  /** This machine's address in a network of the engine. Of its own bridge the engine may know it by the interface alone. */
  gateway(network: string): string {
    const told = this.run("network", "inspect", network, "--format", "{{(index .IPAM.Config 0).Gateway}}");
    if (told !== "") return told;
    const address = execFileSync("ip", ["-4", "-oneline", "address", "show", "docker0"], {
      encoding: "utf8",
    });
    return /inet ([0-9.]+)/.exec(address)![1]!;
  }

  inspect(container: string, format: string): string {
    return this.run("inspect", "--format", format, container);
  }

  id(container: string): string {
    return this.inspect(container, "{{.Id}}");
  }

  /** Runs a shell command in a throw-away container of an image, with options of `docker run`. */
  shell(image: string, script: string, ...options: string[]): string {
    return this.run("run", "--rm", "--user", "0", ...options, image, "sh", "-c", script);
  }

  /** The image that prepares hosts; undefined where nothing was ever deployed. */
  helperImage(): string | undefined {
    return lines(this.run("images", "--format", "{{.Repository}}:{{.Tag}}")).find((name) =>
      name.includes("busybox:"),
    );
  }

  /** Runs a shell command that sees the directories of services on the host. */
  onHost(script: string): string {
    return this.shell(this.helperImage()!, script, "--network", "none", "--volume", "/opt:/opt");
  }

  /** Each secret's file on the host with its content. @param directories As a shell takes them. */
  secretsIn(directories: string): Record<string, string> {
    const files = `find ${directories} -type f ! -name '*.generation'`;
    const listing = this.onHost(`for file in $(${files}); do echo "$file $(cat "$file")"; done`);
    return Object.fromEntries(listing.split("\n").map((line) => line.split(" ") as [string, string]));
  }

  /** Removes what the host remembers of stacks with a prefix: `down` keeps it, like the data. */
  forget(prefix: string): void {
    const image = this.helperImage();
    if (image === undefined) return; // nothing was ever deployed
    const notes = "/var/lib/rocketchat-places";
    this.shell(image, `rm -f ${notes}/*.${prefix}*`, "--network", "none", "--volume", `${notes}:${notes}`);
  }

  /** Kills the process of a container as a crash would; `docker kill` would count as stopped on purpose. */
  crash(container: string, helperImage: string): void {
    const pid = this.inspect(container, "{{.State.Pid}}");
    this.shell(helperImage, `kill -9 ${pid}`, "--pid", "host");
  }
}

export function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
