import type { PlainSettings } from "../settings/schema";
import { mongoNetwork } from "./mongo";
import type { Kind } from "./part";
import { isGeneration } from "./proof";
import { frontNetwork } from "./traefik";

type Place = Pick<PlainSettings, "directory">;

/** The name under which a workspace marks what is its own on servers of others: its container's, unique on an engine. */
export function workspaceName({ prefix }: Pick<PlainSettings, "prefix">): string {
  return `${prefix}rocketchat`;
}

export const chatSecrets = ({ directory }: Place): string => `${directory}/secrets`;
/** Where files lie where no setting says otherwise. */
export const standardUploads = ({ directory }: Place): string => `${directory}/uploads`;
export const standardData = ({ directory }: Place): string => `${directory}/data`;

export const envFile = ({ directory }: Place): string => `${directory}/.env`;

/** What an adoption leaves for the next deployment and for the way back. */
export const adoptionFile = ({ directory }: Place): string => `${directory}/adoption.json`;

/** Where Rocket.Chat finds its directories inside its container. */
export const uploadsInside = "/app/uploads";
export const dataInside = "/app/data";

export const rocketchat: Kind = {
  standardName: workspaceName,
  partOf: (settings) => {
    const { directory, rocketchat: chat, uploads } = settings;
    return {
      role: "rocketchat",
      images: [{ key: "rocketchat.image", name: chat.image, mebibytes: 3072 }],
      networks: [],
      container: {
        name: workspaceName(settings),
        key: "prefix",
        image: chat.image,
        networks: [mongoNetwork(settings).name, frontNetwork(settings).name],
        mounts: [
          { source: uploads.directory, target: uploadsInside, readOnly: false },
          { source: chat.dataDirectory, target: dataInside, readOnly: false },
          { source: envFile(settings), target: "/app/.env", readOnly: true },
        ],
        ports: [],
      },
      directories: [
        { role: "uploads", path: uploads.directory, key: "uploads.directory", holds: "data", made: true },
        {
          role: "data",
          path: chat.dataDirectory,
          key: "rocketchat.dataDirectory",
          holds: "data",
          made: true,
        },
        { role: "rocketchat-secrets", path: chatSecrets(settings), holds: "secrets", made: true },
        { role: "env", path: envFile(settings), holds: "configuration", made: true },
      ],
      home: {
        key: "directory",
        path: directory,
        proofIn: chatSecrets(settings),
        proof: isGeneration,
        proofText: `${chatSecrets(settings)}/*.generation`,
        early: () => false,
        room: { path: uploads.directory, first: 256, later: 64, reason: "uploads" },
      },
    };
  },
};
