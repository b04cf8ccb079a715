import { RunError } from "@pulumi/pulumi/errors";
import { refusal } from "./problems";

/**
 * A program whose faults Pulumi shows in seconds. It formats the stack trace of an error, twice, for which Node 20 takes half a minute of
 * processor time: so an error carries none, and what a fault of the program itself is, stands with its trace in the message.
 */
export function plainly<T>(program: () => Promise<T>): () => Promise<T> {
  return async () => {
    try {
      return await program();
    } catch (error) {
      if (RunError.isInstance(error)) throw refusal(error.message);
      const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw refusal(
        `a fault of this program, not of your settings; please report it with these lines\n${trace}`,
      );
    }
  };
}
