/** A setting of Rocket.Chat as it declares it. */
export interface KnownSetting {
  /** Rocket.Chat's word: `boolean`, `int`, `select`, `string`, … */
  type: string;
  /** What a `select` may be; empty for other types. */
  values: string[];
  /** Why Rocket.Chat refuses to have it written. @default it does not */
  sealed?: "hidden" | "readonly";
  /** It was there in 6.14, and a real 8.3 server without a licence does not have it. @default false */
  gone?: boolean;
}
