import type * as pulumi from "@pulumi/pulumi";
import type { Ingress } from "./ingress";

/** An ACME server as a front door needs it. */
export interface CertificateAuthority {
  /** Address of the ACME directory. */
  server: string;
  email: string | undefined;
  /** Host path of a PEM that is to be trusted for `server`. */
  caFile: string | undefined;
  /** File name that certificates are kept under. */
  storage: string;
  ready: pulumi.Resource[];
  /** Keeps the root that issued the present certificate, where that root is not one that the world trusts. */
  keepRoot(application: Application): void;
}

/** An application behind a front door, running. */
export interface Application {
  hostname: string;
  ingress: Ingress;
  /** A container with node on the front door's network. */
  containerName: string;
  ready: pulumi.Resource;
}
