import { isIPv4, isIPv6 } from "node:net";

/** A TCP socket that listens: an address in its shortest spelling, and a port. */
export interface Listener {
  address: string;
  port: number;
  /** Whose it is on the host, where that is known. */
  uid?: number;
}

/** Two sockets cannot listen on one port where one address takes in the other. `::` mostly takes in IPv4 as well. */
export function collide(a: Listener, b: Listener): boolean {
  if (a.port !== b.port) return false;
  const [one, other] = [shortest(a.address), shortest(b.address)];
  if (one === other || one === "::" || other === "::") return true;
  return isIPv4(one) === isIPv4(other) && (one === "0.0.0.0" || other === "0.0.0.0");
}

/** Lines of /proc/net/tcp and tcp6. */
export function listenersIn(lines: string[]): Listener[] {
  return lines.flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [address = "", port = ""] = fields[1]?.split(":") ?? [];
    return address === ""
      ? []
      : [{ address: addressOf(address), port: parseInt(port, 16), uid: Number(fields[7]) }];
  });
}

/** The ports of the host in `docker ps`, such as `127.0.0.1:8080->80/tcp, :::8443-8444->8443-8444/tcp, 9000/tcp`. */
export function publishedIn(ports: string): Listener[] {
  return ports.split(", ").flatMap((port) => {
    const [, address = "", first = "", last] = /^(.*):(\d+)(?:-(\d+))?->.*\/tcp$/.exec(port) ?? [];
    if (first === "") return [];
    const count = last === undefined ? 1 : Number(last) - Number(first) + 1;
    return Array.from({ length: count }, (_, i) => ({
      address: shortest(address.replace(/^\[(.*)\]$/, "$1")),
      port: Number(first) + i,
    }));
  });
}

/** The kernel prints words of four bytes in the order of the processor, the lowest first on every one that Docker runs on. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  const v4 = (hexBytes: string[]) => hexBytes.map((byte) => parseInt(byte, 16)).join(".");
  if (bytes.length === 4) return v4(bytes);
  if (bytes.join("").toLowerCase().startsWith("00000000000000000000ffff")) return v4(bytes.slice(12));
  return shortest((bytes.join("").match(/.{4}/g) ?? []).join(":"));
}

function shortest(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
