/**
 * Listens on a socket that another program has opened and passed on, such as
 * systemd with socket activation.
 *
 * In: the number of its file descriptor. Out: a listener like those of
 * `Deno.listen`, which takes no descriptor: node:net is beneath it. It knows
 * nothing of HTTP.
 *
 * @module
 */
import type { Server, Socket } from "node:net";

/**
 * Listens on a socket that is open already, without any permission: the program
 * that has opened it decides where this one listens. Resolves with what the
 * option `listener` of {@linkcode serve} takes. `Deno.upgradeWebSocket` does not
 * work on its connections; `info.upgrade` does.
 *
 * Let the process have many more file descriptors than `limits.connections`
 * (`ulimit -n`, `LimitNOFILE=` of systemd). Past that number no client is
 * accepted until others have left, and on a Unix socket none any more.
 *
 * Rejects with a TypeError if the descriptor is not that of a socket.
 *
 * @example Socket activation: systemd passes the first socket as descriptor 3
 * ```ts ignore
 * import { socketListener, serve } from "@sluice/http";
 *
 * const listener = await socketListener(3);
 * serve({ listener }, () => new Response("Hello"));
 * ```
 *
 * @param descriptor The number of the file descriptor.
 */
export function socketListener(
  descriptor: number,
): Promise<Deno.Listener<Deno.Conn, Deno.Addr>> {
  return listenOnDescriptor(descriptor);
}

/**
 * The same for a caller that can say whether there are descriptors left.
 *
 * @param probe Throws what the system says if there is none: then connections
 * that nobody needs are closed.
 */
export async function listenOnDescriptor(
  descriptor: number,
  probe?: () => void,
): Promise<Deno.Listener<Deno.Conn, Deno.Addr>> {
  // Loaded on demand: few servers inherit a socket.
  const { createServer } = await import("node:net");
  const server = createServer({
    allowHalfOpen: true,
    noDelay: true,
    pauseOnConnect: true,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ fd: descriptor }, resolve);
    });
  } catch (cause) {
    throw new TypeError(
      `Cannot listen on descriptor ${descriptor}: it is no socket that listens`,
      { cause },
    );
  }
  return new DescriptorListener(server, probe);
}

/** Milliseconds until it is tried again whether there are descriptors. */
const BEAT = 250;

/** As many as the queue of a listening socket usually holds. */
const MOST_WAITING = 511;

/** What is beneath a server of node:net. */
interface Handle {
  listen?(backlog: number): number;
}

/** Unlike the system's own listeners, node:net accepts without being asked. */
class DescriptorListener implements Deno.Listener<Deno.Conn, Deno.Addr> {
  readonly addr: Deno.Addr;
  readonly #server: Server;
  readonly #waiting: DescriptorConn[] = [];
  #failure: unknown;
  #isClosed = false;
  #change = Promise.withResolvers<void>();
  readonly #beat: ReturnType<typeof setInterval>;

  constructor(server: Server, probe?: () => void) {
    this.#server = server;
    this.#beat = setInterval(() => this.#tryAgain(probe), BEAT);
    this.#beat.unref();
    const address = server.address();
    this.addr = typeof address === "object" && address !== null
      ? {
        transport: "tcp",
        hostname: address.address,
        port: address.port,
      }
      : { transport: "unix", path: address ?? "" };
    server.on("connection", (socket) => this.#keep(socket));
    server.on("error", (error) => this.#fail(error));
  }

  /** How many connections hold a descriptor but were not accepted yet. */
  get pending(): number {
    return this.#waiting.length;
  }

  async accept(): Promise<Deno.Conn> {
    for (;;) {
      const conn = this.#waiting.shift();
      if (conn) return conn;
      const failure = this.#failure;
      this.#failure = undefined;
      if (failure !== undefined) throw failure;
      if (this.#isClosed) {
        throw new Deno.errors.BadResource("The listener was closed");
      }
      await this.#change.promise;
    }
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#beat);
    this.#server.close();
    for (const conn of this.#waiting.splice(0)) conn.close();
    this.#tellChange();
  }

  ref(): void {
    this.#server.ref();
  }

  unref(): void {
    this.#server.unref();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Deno.Conn> {
    while (!this.#isClosed) yield await this.accept();
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#tellChange();
  }

  /**
   * Where descriptors run out, Deno's node:net says nothing, and accepts nobody
   * any more until it is made to listen again.
   */
  #tryAgain(probe?: () => void): void {
    try {
      probe?.();
      const { _handle } = this.#server as { _handle?: Handle };
      _handle?.listen?.(MOST_WAITING);
    } catch (error) {
      this.#fail(error);
    }
  }

  #keep(socket: Socket): void {
    if (this.#waiting.length >= MOST_WAITING) return void socket.destroy();
    this.#waiting.push(new DescriptorConn(socket, this.addr));
    this.#tellChange();
  }

  #tellChange(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}

/**
 * Octets of one write. node:net tells of a write only when all of it is gone,
 * and a client must not be too slow because it was given too much.
 */
const MOST_AT_ONCE = 64 * 1024;

/** A connection of node:net, with the interface of Deno's. */
class DescriptorConn implements Deno.Conn {
  readonly localAddr: Deno.Addr;
  readonly remoteAddr: Deno.Addr;
  readonly #socket: Socket;
  #failure: unknown;
  #change = Promise.withResolvers<void>();

  /** @param addr Of the listener: all that is known of a Unix socket. */
  constructor(socket: Socket, addr: Deno.Addr) {
    this.#socket = socket;
    const { localAddress, localPort, remoteAddress, remotePort } = socket;
    // Once it is closed, it no longer tells them.
    this.localAddr = addressOf(localAddress, localPort) ?? addr;
    this.remoteAddr = addressOf(remoteAddress, remotePort) ??
      { transport: "unix", path: "" };
    socket.on("error", (error) => this.#failure = error);
    for (const event of ["readable", "end", "close"]) {
      socket.on(event, () => this.#tellChange());
    }
  }

  async read(into: Uint8Array): Promise<number | null> {
    const socket = this.#socket;
    for (;;) {
      // Also asks for more, and for the end, if nothing is there.
      const octets: Uint8Array | null = socket.read(
        Math.min(into.length, socket.readableLength),
      );
      if (octets) {
        into.set(octets);
        return octets.length;
      }
      if (socket.readableEnded) return null;
      if (this.#failure !== undefined) throw this.#failure;
      if (socket.destroyed) throw closed();
      await this.#change.promise;
    }
  }

  write(octets: Uint8Array): Promise<number> {
    const some = octets.subarray(0, MOST_AT_ONCE);
    return new Promise((resolve, reject) => {
      this.#socket.write(some, (error) => {
        if (error) reject(error);
        else resolve(some.length);
      });
    });
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.end((error?: Error | null) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      pull: async (controller) => {
        const octets = new Uint8Array(MOST_AT_ONCE);
        const count = await this.read(octets);
        if (count === null) controller.close();
        else controller.enqueue(octets.subarray(0, count));
      },
      cancel: () => this.close(),
    }, { highWaterMark: 0 });
  }

  get writable(): WritableStream<Uint8Array<ArrayBufferLike>> {
    return new WritableStream({
      write: async (octets) => {
        for (let at = 0; at < octets.length;) {
          at += await this.write(octets.subarray(at));
        }
      },
      close: () => this.closeWrite(),
      abort: () => this.close(),
    });
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #tellChange(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}

function addressOf(hostname?: string, port?: number): Deno.NetAddr | undefined {
  if (hostname === undefined || port === undefined) return undefined;
  return { transport: "tcp", hostname, port };
}

function closed(): Error {
  return new Deno.errors.Interrupted("The connection was closed");
}
