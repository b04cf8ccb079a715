import { type BackupSettings, credentialFiles, kindOf } from "../settings/backup";
import type { PlainSettings } from "../settings/schema";
import { mongoNetwork, mongoSecrets } from "./mongo";
import { ownNetwork } from "./network";
import type { Directory, Kind, Mount, Network } from "./part";
import { chatSecrets, workspaceName } from "./rocketchat";

export const backupName = (settings: Pick<PlainSettings, "prefix">): string =>
  `${workspaceName(settings)}-backup`;

/** Where the workspace's backups keep their tools and what they know. */
export const backupHome = ({ directory }: Pick<PlainSettings, "directory">): string => `${directory}/backup`;

/** From which a backup reaches the world, and where nobody else is. */
const egress = (settings: PlainSettings): Network => ownNetwork("egress", settings);

export const backup: Kind = {
  standardName: backupName,
  partOf: (settings) => {
    const { backup, mongo } = settings;
    const home: Directory = {
      role: "backup",
      path: backupHome(settings),
      holds: "tools",
      made: backup !== undefined,
    };
    if (backup === undefined) return { role: "backup", images: [], networks: [], directories: [home] };
    const kind = kindOf(backup.repository);
    return {
      role: "backup",
      images: [
        { key: "backup.resticImage", name: backup.resticImage, mebibytes: 64 },
        ...(kind === "sftp" ? [{ key: "backup.rcloneImage", name: backup.rcloneImage, mebibytes: 128 }] : []),
      ],
      networks: [egress(settings)],
      container: {
        name: backupName(settings),
        key: "prefix",
        image: mongo.image,
        networks: [mongoNetwork(settings).name, egress(settings).name],
        mounts: mountsOf(settings, backup),
        ports: [],
      },
      directories: [
        home,
        ...(kind === "path"
          ? [
              {
                role: "backup-repository",
                path: backup.repository,
                key: "backup.repository",
                holds: "data" as const,
                made: true,
                stays: true,
              },
            ]
          : []),
      ],
    };
  },
};

function mountsOf(settings: PlainSettings, backup: BackupSettings): Mount[] {
  const { directory, mongo, rocketchat, uploads } = settings;
  const home = backupHome(settings);
  const hasCredentials = Object.keys(credentialFiles(backup)).length > 0;
  const tools = ["bin", "scripts", "settings", ...(hasCredentials ? ["credentials"] : [])];
  return [
    { source: home, target: "/backup", readOnly: false },
    ...tools.map((tool) => ({ source: `${home}/${tool}`, target: `/backup/${tool}`, readOnly: true })),
    { source: uploads.directory, target: "/uploads", readOnly: false },
    { source: directory, target: "/parts/home", readOnly: false },
    { source: chatSecrets(settings), target: "/parts/home/secrets", readOnly: true },
    { source: rocketchat.dataDirectory, target: "/parts/data", readOnly: true },
    ...(mongo.mode === "managed"
      ? [{ source: mongoSecrets(mongo), target: "/parts/mongo-secrets", readOnly: true }]
      : []),
    { source: "/etc/localtime", target: "/etc/localtime", readOnly: true },
    ...(kindOf(backup.repository) === "path"
      ? [{ source: backup.repository, target: "/repository", readOnly: false }]
      : []),
  ];
}

/** Where a restore keeps how far it has come. It is there while one is at work or was interrupted. */
export function journalOfRestores(settings: Pick<PlainSettings, "directory">): string {
  return `${backupHome(settings)}/restore.json`;
}
