import { type ByteSize, Duration } from "./units";

/** A route's `retry`, as Traefik names its options: it tries a request again while nothing listens. */
export const hold = { attempts: 240, initialInterval: "500ms" };

/** How long that goes on, about; longer than a start takes. */
export const holdTime = Duration.minutes(3);

/** The slowest line on which the largest file still gets through: 64 kbit/s. */
const slowestBytesPerSecond = 8000;

/**
 * How long a request may take: what the largest file takes on the slowest line, in steps of 4, 8, 16 hours and so on, since
 * another value replaces Traefik's container. 4 hours do for 109 MiB.
 */
export function requestTime(maxUpload: ByteSize): Duration {
  const needed = maxUpload.toBytes() / slowestBytesPerSecond;
  let hours = 4;
  while (hours * 3600 < needed) hours *= 2;
  return Duration.minutes(hours * 60);
}
