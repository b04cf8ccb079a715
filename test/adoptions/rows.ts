import type { Row } from "./row";
import { containers } from "./rows-of-containers";
import { data } from "./rows-of-data";

export const rows: Row[] = [...containers, ...data];
