/**
 * A transport goes in, the same comes out, with somebody who sees what goes
 * through it.
 *
 * @module
 */
import type { ConnectionObserver } from "../observer.ts";
import type { Transport } from "./socket.ts";

/** Lets an observer see the octets of a transport, in both directions. */
export function observed(
  transport: Transport,
  observer: ConnectionObserver,
): Transport {
  const reader = transport.readable.getReader();
  return {
    ...transport,
    readable: new ReadableStream({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        observer.received(value);
        controller.enqueue(value);
      },
    }, { highWaterMark: 0 }),
    async write(octets) {
      const count = await transport.write(octets);
      observer.sent(octets.subarray(0, count));
      return count;
    },
  };
}
