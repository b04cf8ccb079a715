import { traefikOwnPorts } from "../../settings/ingress";

/** Entry points that routes are on. */
export type InnerName = "web" | "websecure" | "web6" | "websecure6";

/** A port that is published, and the entry point that what comes there is passed on to. */
export interface PublicDoor {
  name: `public-${InnerName}`;
  to: InnerName;
  port: number;
}

export interface Doors {
  httpPort: number;
  httpsPort: number;
  /** Also over IPv6, on entry points of its own. */
  ipv6: boolean;
}

export function publicDoors({ httpPort, httpsPort, ipv6 }: Doors): PublicDoor[] {
  const door = (to: InnerName, port: number): PublicDoor => ({ name: `public-${to}`, to, port });
  return [
    door("web", httpPort),
    door("websecure", httpsPort),
    ...(ipv6 ? [door("web6", traefikOwnPorts.http6), door("websecure6", traefikOwnPorts.https6)] : []),
  ];
}

export function isHttps(name: InnerName): boolean {
  return name.startsWith("websecure");
}
