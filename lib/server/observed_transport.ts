/**
 * A transport goes in, the same comes out, with somebody who sees what goes
 * through it, and cannot harm it.
 *
 * @module
 */
import type { ConnectionObserver, Observer, Position } from "../observer.ts";
import { quietly } from "./report.ts";
import type { Transport } from "./socket.ts";

/** Who watches a connection; what an observer throws is reported, and no more. */
export function watcherOf(
  observer: Observer,
  { remoteAddr }: Transport,
): ConnectionObserver | undefined {
  let made: ConnectionObserver | undefined;
  quietly(() => made = observer.connection({ remoteAddr }));
  const watcher = made;
  // Nobody watches, or it is a promise, whose rejection is reported by now.
  if (typeof watcher?.moved !== "function") return undefined;
  return {
    received: (octets, at) => quietly(() => watcher.received(octets, at)),
    sent: (octets) => quietly(() => watcher.sent(octets)),
    moved: (state, position) => quietly(() => watcher.moved(state, position)),
  };
}

/** Lets an observer see the octets of a transport, in both directions. */
export function observed(
  transport: Transport,
  observer: ConnectionObserver,
  position: () => Position,
): Transport {
  const reader = transport.readable.getReader();
  return {
    ...transport,
    readable: new ReadableStream({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        observer.received(value, position());
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
