import type { DatabaseFacts } from "../../commands/adopt/facts";
import type { PlanOptions } from "../../commands/adopt/plan";
import type { images, Run } from "./inspected";

/** A workspace as people run it, after a public report; names, addresses and passwords are made up. */
export interface Row {
  /** What it is, and how it was started. */
  name: string;
  chat?: Partial<Run>;
  chatImage?: keyof typeof images;
  mongo?: Partial<Run>;
  mongoImage?: keyof typeof images;
  database?: Partial<Omit<DatabaseFacts, "chat">>;
  settings?: Record<string, string | number | boolean>;
  stores?: Record<string, number>;
  emoji?: number;
  envFile?: string;
  options?: Partial<PlanOptions>;
  accept?: string[];
  /** Stands in the report. */
  says?: string;
}

export const root = "ROOT_URL=https://chat.example.org";
export const url = (text: string) => [`MONGO_URL=${text}`, root];
export const plain = url("mongodb://mongo:27017/rocketchat?replicaSet=rs0");
export const files = { FileUpload_Storage_Type: "FileSystem", FileUpload_FileSystemPath: "/app/uploads" };
export const set = { replication: { replSetName: "rs0" }, net: { bindIp: "*" } };

export const bitnami = {
  net: { ipv6: false, port: 27017, bindIpAll: true, unixDomainSocket: { enabled: true } },
  config: "/opt/bitnami/mongodb/conf/mongodb.conf",
  setParameter: { enableLocalhostAuthBypass: "true" },
  replication: { enableMajorityReadConcern: true, replSetName: "rs0" },
  security: { authorization: "disabled" },
  storage: { dbPath: "/bitnami/mongodb/data/db", directoryPerDB: false, journal: { enabled: true } },
};
