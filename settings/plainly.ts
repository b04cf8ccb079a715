import { isRefusal, refusal } from "./problems";

/**
 * A program whose faults Pulumi shows in seconds. It formats the stack trace of an error, twice, for which Node 20 takes half a minute of
 * processor time: so an error carries none, and what a fault of the program itself is, stands with its trace in the message.
 *
 * The SDK also reads a trace for each of its promises, a thousand in this program. Only those that are shown are led back to the sources.
 */
export function plainly<T>(program: () => Promise<T>): () => Promise<T> {
  return async () => {
    const errors: { prepareStackTrace?: unknown } = Error;
    const leadBack = errors.prepareStackTrace;
    delete errors.prepareStackTrace;
    try {
      return await program();
    } catch (error) {
      if (isRefusal(error)) throw refusal(error.message);
      errors.prepareStackTrace = leadBack;
      const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw refusal(
        `a fault of this program, not of your settings; please report it with these lines\n${trace}`,
      );
    }
  };
}
