/**
 * What a connection needs of a socket: octets one way and the other.
 *
 * In: an accepted `Deno.Conn`, over TCP, TLS or a Unix socket, or a pair of web
 * streams. Out: a `Transport`, which may be observed. It knows nothing of HTTP.
 *
 * @module
 */
import { ConnectionLost } from "../errors.ts";
import type { ConnectionObserver, Observer, Position } from "../observer.ts";
import {
  type BufferBudget,
  FIRST_BUFFER,
  LARGE_BUFFER,
  TransferBuffer,
} from "../transfer_buffer.ts";
import type { Fairness } from "./clock.ts";
import { quietly } from "./strays.ts";

/** Both ways of a connection. TCP, TLS, Unix sockets and pipes look the same. */
export interface Transport {
  /**
   * The octets that arrive. Each view it brings is overwritten by the next
   * read. It ends when the peer has sent its last, which leaves the way back
   * open.
   */
  readonly readable: ReadableStream<Uint8Array>;
  /** Writes some of the octets; tells how many. */
  write(octets: Uint8Array): Promise<number>;
  /** Tells the peer that no more will come (a TCP FIN). */
  closeWrite(): Promise<void>;
  /** Ends both ways; what waits on them is rejected. */
  close(): void;
  /**
   * Ends both directions at once, if the peer still gets everything that was
   * written, and its end. Octets read from it must no longer be used.
   *
   * @returns whether it did.
   */
  finish?(): boolean;
  readonly remoteAddr: Deno.Addr;
  readonly localAddr: Deno.Addr;
  /** Lets what waits for the peer keep the process alive, as it does at first. */
  ref?(): void;
  /** Lets the process end although something waits for the peer. */
  unref?(): void;
  /** The connection of Deno's beneath, if there is one. */
  readonly conn?: Deno.Conn;
  /** From now on, other code reads, writes and closes it. */
  letGo?(): void;
  /** Whether what goes through is encrypted: then the URIs are `https`. */
  readonly isSecure: boolean;
}

/** Enough for a few heads, or one with long cookies. */
const USUAL_BUFFER = 8 * 1024;
/** How much longer the next read is that follows a full one. */
const GROWTH = 4;

/** The source is read only on demand. */
const onDemand = { highWaterMark: 0 };

/**
 * An accepted connection.
 *
 * `conn.readable` would do, but it closes the whole socket when the peer closes
 * its half, and allocates 64 KiB for each read. This one reads into one buffer.
 */
export class Socket implements Transport, UnderlyingDefaultSource<Uint8Array> {
  readonly readable: ReadableStream<Uint8Array>;
  readonly isSecure: boolean;
  #conn: Deno.Conn;
  #fairness: Fairness;
  #buffer: TransferBuffer;
  #isOpen = true;
  #isReading = false;
  #next = FIRST_BUFFER;
  #usual = FIRST_BUFFER;

  constructor(conn: Deno.Conn, fairness: Fairness, budget: BufferBudget) {
    this.#conn = conn;
    // The second is one of `Deno.listenTls`.
    this.isSecure = "isSecure" in conn || "handshake" in conn;
    this.#fairness = fairness;
    this.#buffer = new TransferBuffer(budget);
    this.readable = new ReadableStream(this, onDemand);
    try {
      // The server gathers output itself; the kernel need not wait for more.
      if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
    } catch {
      // The client is gone already, as the first read will tell.
    }
  }

  get remoteAddr(): Deno.Addr {
    const { remoteAddr, localAddr } = this.#conn;
    // The client's end of a Unix socket has no path; `Deno.serve` tells this one.
    return remoteAddr.transport === "unix" ? localAddr : remoteAddr;
  }

  get localAddr(): Deno.Addr {
    return this.#conn.localAddr;
  }

  write(octets: Uint8Array): Promise<number> {
    return this.#conn.write(octets);
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  finish(): boolean {
    // The system delivers what it was given, but knows nothing of the end of TLS.
    if (this.isSecure) return false;
    if (!this.#isReading) this.#buffer.reuse();
    this.close();
    return true;
  }

  close(): void {
    if (this.#isOpen) this.#conn.close();
    this.#isOpen = false;
    // What came before may still be looked at.
    if (!this.#isReading) this.#buffer.forget();
  }

  get conn(): Deno.Conn {
    return this.#conn;
  }

  letGo(): void {
    this.#isOpen = false;
    if (!this.#isReading) this.#buffer.reuse();
  }

  ref(): void {
    this.#conn.ref();
  }

  unref(): void {
    this.#conn.unref();
  }

  /** Asked by the stream. Not async: most connections wait here, and do no more. */
  pull(
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    const turn = this.#fairness.overdueTurn;
    return turn
      ? turn.then(() => this.#read(controller))
      : this.#read(controller);
  }

  #read(
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    this.#buffer.resize(this.#next);
    const octets = new Uint8Array(this.#buffer.octets);
    this.#isReading = true;
    return this.#conn.read(octets).then((count) => {
      this.#isReading = false;
      if (count === null) {
        this.#buffer.reuse();
        return controller.close();
      }
      controller.enqueue(octets.subarray(0, count));
      this.#expectMore(count === octets.length);
    }, (error) => {
      this.#buffer.reuse();
      throw error;
    });
  }

  /**
   * A full buffer says that more is here. After any other the next read has to
   * wait, perhaps for long: then a small one does.
   */
  #expectMore(isFull: boolean): void {
    // A client that has filled the first one will do so again.
    if (isFull) this.#usual = USUAL_BUFFER;
    const longer = Math.max(GROWTH * this.#buffer.length, USUAL_BUFFER);
    this.#next = isFull ? Math.min(longer, LARGE_BUFFER) : this.#usual;
  }
}

/**
 * A connection as two web streams, for one that is not a socket of the server.
 *
 * @example A pipe in memory, to test an application without the network
 * ```ts
 * import { serve, type StreamPair } from "@sluice/http";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const up = new TransformStream<Uint8Array, Uint8Array>();
 * const down = new TransformStream<Uint8Array, Uint8Array>();
 * async function* listener(): AsyncGenerator<StreamPair> {
 *   yield { readable: up.readable, writable: down.writable };
 * }
 * await using server = serve({ listener: listener() }, () => new Response("hi"));
 *
 * const client = up.writable.getWriter();
 * client.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
 * client.close();
 * assertStringIncludes(await new Response(down.readable).text(), "\r\n\r\nhi");
 * await server.finished;
 * ```
 */
export interface StreamPair {
  /**
   * The octets that the client sends; its end is the end of the client's input.
   */
  readonly readable: ReadableStream<Uint8Array>;
  /** The octets for the client. It is closed after the last response. */
  readonly writable: WritableStream<Uint8Array>;
  /** The address of the client. Default: a Unix socket without a path. */
  readonly remoteAddr?: Deno.Addr;
  /** The local address. Default: a Unix socket without a path. */
  readonly localAddr?: Deno.Addr;
}

const nowhere: Deno.UnixAddr = { transport: "unix", path: "" };

/** Makes a transport of a pair of streams. */
export function openStreams(
  { readable, writable, remoteAddr = nowhere, localAddr = nowhere }: StreamPair,
): Transport {
  const reader = readable.getReader();
  const writer = writable.getWriter();
  writer.closed.catch(() => {});
  return {
    readable: new ReadableStream({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else if (value instanceof Uint8Array) controller.enqueue(value);
        else throw new TypeError("Cannot read the stream: got no Uint8Array");
      },
    }, { highWaterMark: 0 }),
    async write(octets) {
      // The receiver may keep the octets, which are in a buffer that is reused.
      await writer.write(octets.slice());
      return octets.length;
    },
    closeWrite: () => writer.close(),
    close() {
      const reason = new ConnectionLost("The connection was closed");
      reader.cancel(reason).catch(() => {});
      writer.abort(reason).catch(() => {});
    },
    remoteAddr,
    localAddr,
    isSecure: false,
  };
}

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
    ended: () => quietly(() => watcher.ended?.()),
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
        if (done) {
          observer.ended?.();
          return controller.close();
        }
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

  get conn(): Deno.Conn | undefined {
    return this.#transport.conn;
  }

  letGo(): void {
    this.#transport.letGo?.();
  }

  ref(): void {
    this.#transport.ref?.();
  }

  unref(): void {
    this.#transport.unref?.();
  }
}
