/** Extended JSON, in which every type of MongoDB has its form. */
export type Definition = Record<string, unknown>;

export interface Collection {
  name: string;
  /** `collection`, `view` or `timeseries`. */
  type: string;
  /** Of a collection alone. */
  id: string;
  /** Documents of a collection; the others are not counted. */
  count?: number;
  /** Of a view. */
  definition?: Definition;
  /** MongoDB removes documents by their age (a TTL index), from now on. */
  expires?: boolean;
}

export interface Database {
  /** On the disk of MongoDB's data. */
  freeBytes: number;
  /** The workspace's user may load documents that a validator does not let in. */
  mayBypassValidators: boolean;
  collections: Collection[];
}
