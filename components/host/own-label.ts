import * as pulumi from "@pulumi/pulumi";

/** What every container and network of a stack carries, so that a person and the commands know whose it is. */
export function ownLabel(): { label: string; value: string } {
  return { label: "rocketchat.stack", value: pulumi.getStack() };
}
