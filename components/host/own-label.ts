import * as pulumi from "@pulumi/pulumi";
import { stackLabel } from "../../engine/labels";

/** What every container and network of a stack carries, so that a person and the commands know whose it is. */
export function ownLabel(): { label: string; value: string } {
  return { label: stackLabel, value: pulumi.getStack() };
}
