import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** What a package's own script would do when it is installed, and why nothing is missed. */
const notRun = {
  "@pulumi/command": "fetches the plugin, as Pulumi does where it is missing",
  esbuild: "puts its program in the place of the script that starts it, which nothing here calls",
  protobufjs: "warns of versions",
};

it.each([".", "machine/node"])(
  "no script of a package is run when those of %s are installed",
  (directory) => {
    expect(readFileSync(`${directory}/.npmrc`, "utf8").split("\n")).toContain("ignore-scripts=true");
  },
);

it("a package that brings such a script works without it", () => {
  const scripted = ["package-lock.json", "machine/node/package-lock.json"].flatMap((file) => {
    const { packages } = JSON.parse(readFileSync(file, "utf8")) as {
      packages: Record<string, { hasInstallScript?: boolean; os?: string[] }>;
    };
    return Object.entries(packages)
      .filter(
        ([, { hasInstallScript, os }]) => hasInstallScript && (os === undefined || os.includes("linux")),
      )
      .map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length));
  });
  expect(scripted.sort()).toEqual(Object.keys(notRun).sort());
});
