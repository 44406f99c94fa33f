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
export class ObservedTransport implements Transport {
  readonly readable: ReadableStream<Uint8Array>;
  #transport: Transport;
  #observer: ConnectionObserver;

  constructor(
    transport: Transport,
    observer: ConnectionObserver,
    position: () => Position,
  ) {
    this.#transport = transport;
    this.#observer = observer;
    const reader = transport.readable.getReader();
    this.readable = new ReadableStream({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        observer.received(value, position());
        controller.enqueue(value);
      },
    }, { highWaterMark: 0 });
  }

  get remoteAddr(): Deno.Addr {
    return this.#transport.remoteAddr;
  }

  get localAddr(): Deno.Addr {
    return this.#transport.localAddr;
  }

  get isSecure(): boolean {
    return this.#transport.isSecure;
  }

  async write(octets: Uint8Array): Promise<number> {
    const count = await this.#transport.write(octets);
    this.#observer.sent(octets.subarray(0, count));
    return count;
  }

  closeWrite(): Promise<void> {
    return this.#transport.closeWrite();
  }

  finish(): boolean {
    return this.#transport.finish?.() ?? false;
  }

  close(): void {
    this.#transport.close();
  }

  ref(): void {
    this.#transport.ref?.();
  }

  unref(): void {
    this.#transport.unref?.();
  }
}
