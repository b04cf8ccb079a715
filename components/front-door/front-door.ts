import * as pulumi from "@pulumi/pulumi";
import { acmeDirectory, dynamicDirectory, traefikName, traefikUid } from "../../inventory/traefik";
import type { Settings } from "../../settings/schema";
import type { Application } from "./certificate-authority";
import { certificateAuthority } from "./chosen-authority";
import type { Engine } from "../host/engine";
import { ExistingTraefik } from "./existing-traefik";
import type { Ingress } from "./ingress";
import type { Networks } from "../host/networks";
import type { Storage } from "../host/storage";
import { TraefikIngress } from "./traefik-ingress";

export interface FrontDoorArgs {
  /** Where it is made. */
  engine: Engine;
  /** Those of the whole stack. */
  settings: Settings;
  /** Makes its directories on the host. */
  storage: Storage;
  /** Makes the networks that it is on. */
  networks: Networks;
}

/** The front door of a workspace, and what was made for it. */
export interface FrontDoor {
  ingress: Ingress;
  parts: pulumi.Resource[];
  /** Keeps the root that issued the site's certificate, where this stack runs an authority that nobody else trusts. */
  keepRoot(application: Omit<Application, "ingress">): void;
}

/** The front door that the settings name: a Traefik of this stack's own with its authority, or one that others run. */
export function frontDoor(name: string, args: FrontDoorArgs): FrontDoor {
  const { engine, settings, storage, networks } = args;
  const { hostname, ingress, prefix, resources } = settings;
  if (ingress.mode === "existing") {
    const traefik = new ExistingTraefik(name, { engine, ingress });
    return { ingress: traefik, parts: [traefik], keepRoot: () => undefined };
  }
  const image = engine.pull("traefik", ingress.image);
  const mounts = {
    acme: storage.directory("acme", { path: acmeDirectory(ingress), owner: { uid: traefikUid } }),
    dynamic: storage.directory("dynamic", {
      path: dynamicDirectory(ingress),
      owner: { uid: traefikUid },
    }),
  };
  const network = networks.edge();
  const authority = certificateAuthority("test-ca", {
    engine,
    hostname,
    ingress,
    network: network.name,
    prefix,
    acme: mounts.acme,
    resources: resources.testCa,
  });
  const traefik = new TraefikIngress(name, {
    ...ingress,
    challenge: ingress.acme.challenge,
    maxUpload: settings.uploads.maxSize,
    engine,
    image,
    containerName: traefikName(settings),
    hostnames: [hostname, ...(ingress.acme.testCaHostnames ?? [])],
    authority,
    network,
    mounts,
    resources: resources.traefik,
  });
  return {
    ingress: traefik,
    parts: [traefik, ...(authority instanceof pulumi.Resource ? [authority] : [])],
    keepRoot: (application) => authority.keepRoot({ ...application, ingress: traefik }),
  };
}
