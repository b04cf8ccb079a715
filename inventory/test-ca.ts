import type { ManagedIngress } from "../settings/ingress";
import type { PlainSettings } from "../settings/schema";
import { ownNetwork } from "./network";
import type { Kind } from "./part";

type Place = Pick<ManagedIngress, "directory">;

export const testCaName = ({ prefix }: Pick<PlainSettings, "prefix">): string => `${prefix}test-ca`;
export const testCaDirectory = ({ directory }: Place): string => `${directory}/test-ca`;

/** Of its own HTTPS. */
export const testCaCertificate = (place: Place): string => `${testCaDirectory(place)}/cert.pem`;

export const testCa: Kind = {
  standardName: testCaName,
  partOf: (settings) => {
    const { ingress } = settings;
    const none = { role: "test-ca", images: [], networks: [], directories: [] };
    if (ingress.mode === "existing") return none;
    const runs = ingress.acme.server === "test-ca";
    const directory = testCaDirectory(ingress);
    const part = {
      ...none,
      directories: [{ role: "test-ca", path: directory, holds: "tools" as const, made: runs }],
    };
    if (!runs) return part;
    const image = ingress.acme.testCaImage;
    return {
      ...part,
      images: [{ key: "ingress.acme.testCaImage", name: image, mebibytes: 64 }],
      container: {
        name: testCaName(settings),
        key: "prefix",
        image,
        networks: [ownNetwork("edge", settings).name],
        mounts: [{ source: directory, target: "/test-ca", readOnly: true }],
        ports: [],
      },
    };
  },
};
