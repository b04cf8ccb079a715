import { describe, expect, it } from "vitest";
import { traefikFlags } from "../components/front-door/traefik-flags";
import { readSeconds, type TraefikContainer } from "../preflight/lender";
import { holdTime, requestTime } from "../settings/request-time";
import { ByteSize } from "../settings/units";

const traefik = (over: Partial<TraefikContainer>): TraefikContainer => ({
  name: "traefik",
  image: "sha256:x",
  user: "",
  command: ["traefik"],
  environment: [],
  mountedAt: [],
  ...over,
});
const point = "--entrypoints.websecure.address=:443";
const flag = "--entryPoints.webSecure.transport.respondingTimeouts.readTimeout";

// As Traefik 3.7.15 says it of itself at level DEBUG.
describe("how long a lender's entry point gives a request", () => {
  it.each<[string, string[], number | undefined]>([
    ["a minute where nothing is said", [point], 60],
    ["seconds without a unit", [point, `${flag}=90`], 90],
    ["one of Go's durations", [point, `${flag}=1m30.5s`], 90.5],
    ["milliseconds", [point, `${flag}=1s500ms`], 1.5],
    ["for ever", [point, `${flag}=0`], 0],
    [
      "of another entry point nobody knows",
      ["--entrypoints.web.address=:80", `${flag.replace("webSecure", "web")}=1s`],
      undefined,
    ],
    ["what is no duration nobody knows", [point, `${flag}=soon`], undefined],
    ["what a configuration file says nobody knows", [point, "--configFile=/t.yml"], undefined],
  ])("%s", (_what, flags, seconds) => {
    expect(readSeconds(traefik({ command: ["traefik", ...flags] }), "websecure")).toBe(seconds);
  });

  it("is said by variables only where there are no flags", () => {
    const environment = [
      "PATH=/bin",
      "TRAEFIK_ENTRYPOINTS_WEBSECURE_ADDRESS=:443",
      "TRAEFIK_ENTRYPOINTS_WEBSECURE_TRANSPORT_RESPONDINGTIMEOUTS_READTIMEOUT=5m",
    ];
    expect(readSeconds(traefik({ environment }), "websecure")).toBe(300);
    expect(readSeconds(traefik({ environment, command: ["traefik", point] }), "websecure")).toBe(60);
  });

  it.each([
    ["/etc/traefik", undefined],
    ["/etc/traefik/traefik.yml", undefined],
    ["/etc/traefik/acme-ca.pem", 60],
    ["/etc/traefik/dynamic", 60],
  ])("may be said by a file at %s", (path, seconds) => {
    expect(readSeconds(traefik({ command: ["traefik", point], mountedAt: [path] }), "websecure")).toBe(
      seconds,
    );
  });

  it("is enough on a Traefik of this project", () => {
    const doors = { httpPort: 80, httpsPort: 443, ipv6: true };
    const flags = traefikFlags({
      ...doors,
      requestTime: requestTime(ByteSize.mebibytes(1)),
      challenge: "tls" as const,
      server: "https://ca.example.org",
      email: undefined,
      storage: "/acme/acme.json",
      caFile: "/etc/traefik/acme-ca.pem",
    });
    for (const name of ["websecure", "websecure6"])
      expect(readSeconds(traefik({ command: ["traefik", ...flags] }), name)).toBeGreaterThan(
        holdTime.toSeconds(),
      );
  });
});
