/**
 * Where connections come from: a port, a path, or somebody else's listener.
 *
 * In: the options that say where. Out: one `Transport` after the other. It
 * knows nothing of HTTP.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import type { Limits, Timeouts } from "../limits.ts";
import type { BufferBudget } from "../transfer_buffer.ts";
import { type Descriptors, isOutOfDescriptors } from "./descriptors.ts";
import { Handshakes, type Listener } from "./handshakes.ts";
import { quietly, report } from "./report.ts";
import { type Fairness, Socket, type Transport } from "./socket.ts";
import { openStreams, type StreamPair } from "./stream_transport.ts";

/** Options that say where to listen. */
export interface ListenOptions {
  /** The port to listen on; 0 for any that is free. Default 8000. */
  port?: number;
  /** The address to listen on. Default `0.0.0.0`: every network there is. */
  hostname?: string;
  /**
   * The path of a Unix socket to listen on instead of a port. It must not exist,
   * and needs `--allow-read` and `--allow-write` for the path, and
   * `--allow-net=unix:/the/path`.
   */
  path?: string;
  /**
   * The certificate chain in PEM, and with `key` the wish to speak TLS. A client
   * that has not shaken hands after `timeouts.head` is not served any more, but
   * its socket stays until it leaves; past `limits.connections` of these no others
   * are accepted, nor past half of the descriptors once these have run out. On a
   * hostile network put a proxy in front. Default: no TLS.
   */
  cert?: string;
  /** The private key of `cert`, in PEM. */
  key?: string;
  /**
   * Whether other processes may listen on the same port, each for a share of the
   * connections. It needs `--unstable-net`, or `"unstable": ["net"]` in
   * `deno.json`: without, Deno says so and ends the process. Default: false.
   */
  reusePort?: boolean;
  /** Connections that the system keeps until they are accepted. Default 511. */
  tcpBacklog?: number;
  /**
   * Whose connections to serve instead of listening: a listener of your own, such
   * as one that another process has handed over, or anything that brings pairs of
   * streams. When it ends, the server finishes with its last connection. It
   * takes no `path`, `cert` and `key`; the other options that say where to listen
   * mean nothing then.
   */
  listener?: Deno.Listener<Deno.Conn, Deno.Addr> | AsyncIterable<StreamPair>;
}

/** Accepts connections. */
export interface Acceptor {
  /** Where it listens, if it is an address. */
  readonly addr: Deno.Addr | undefined;
  /** How many connections hold a descriptor and were not brought yet. */
  readonly pending: number;
  /**
   * Waits for the next; undefined when there will be none. Throws what the
   * system says when there are no descriptors: try again once some are free.
   */
  accept(): Promise<Transport | undefined>;
  /** Accepts no more; what waits for the next is told that there is none. */
  close(): void;
  ref(): void;
  unref(): void;
}

/** What of a server matters here. */
export interface ListenContext {
  descriptors: Descriptors;
  fairness: Fairness;
  budget: BufferBudget;
  limits: Limits;
  timeouts: Timeouts;
}

/** Listens where the options say. Throws what `Deno.listen` throws. */
export function listen(
  options: ListenOptions,
  context: ListenContext,
): Acceptor {
  const { listener } = options;
  if (listener) refuseTheRest(options);
  if (listener && !("accept" in listener)) return new StreamAcceptor(listener);
  const opened = listener ?? openListener(options);
  const maySpeakTls = listener !== undefined || options.cert !== undefined;
  if (!maySpeakTls) return new ListenerAcceptor(opened, context);
  const { limits, timeouts, descriptors } = context;
  return new HandshakesAcceptor(
    new Handshakes(opened, {
      get most() {
        return Math.min(limits.connections, Math.floor(descriptors.most / 2));
      },
      time: timeouts.head,
    }),
    context,
  );
}

/** Who asks for TLS must not get a server in the clear. */
function refuseTheRest(options: ListenOptions): void {
  for (const name of ["cert", "key", "path"] as const) {
    if (options[name] === undefined) continue;
    throw new TypeError(`Cannot serve: a listener takes no ${name}`);
  }
}

function openListener(options: ListenOptions): Deno.Listener {
  const { port = 8000, hostname = "0.0.0.0", path, cert, key } = options;
  const { reusePort, tcpBacklog } = options;
  if ((cert === undefined) !== (key === undefined)) {
    throw new TypeError("Cannot serve: TLS needs both cert and key");
  }
  if (path !== undefined) {
    if (cert !== undefined) {
      throw new TypeError("Cannot serve: a Unix socket takes no TLS");
    }
    return Deno.listen({ transport: "unix", path });
  }
  const where = { port, hostname, reusePort, tcpBacklog };
  return cert === undefined || key === undefined
    ? Deno.listen(where)
    : Deno.listenTls({ ...where, cert, key, alpnProtocols: ["http/1.1"] });
}

/** Pause (ms) after an accept that failed for want of memory, say. */
const ACCEPT_PAUSE = 100;

/** Whether accept failed for a client that left before: the next may be fine. */
export function isOfOneClient(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset;
}

class ListenerAcceptor implements Acceptor {
  #listener: Listener;
  #fairness: Fairness;
  #budget: BufferBudget;
  #isClosed = false;

  constructor(listener: Listener, { fairness, budget }: ListenContext) {
    this.#listener = listener;
    this.#fairness = fairness;
    this.#budget = budget;
  }

  get pending(): number {
    return 0;
  }

  get addr(): Deno.Addr {
    return this.#listener.addr;
  }

  async accept(): Promise<Transport | undefined> {
    while (!this.#isClosed) {
      try {
        const conn = await this.#listener.accept();
        return new Socket(conn, this.#fairness, this.#budget);
      } catch (error) {
        if (error instanceof Deno.errors.BadResource) break;
        if (isOutOfDescriptors(error)) throw error;
        if (!isOfOneClient(error)) await delay(ACCEPT_PAUSE);
      }
    }
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
    try {
      this.#listener.close();
    } catch (error) {
      // Its owner may have closed it before.
      if (!(error instanceof Deno.errors.BadResource)) report(error);
    }
  }

  ref(): void {
    this.#listener.ref();
  }

  unref(): void {
    this.#listener.unref();
  }
}

/** With TLS, a connection is here before it is brought. */
class HandshakesAcceptor extends ListenerAcceptor {
  #handshakes: Handshakes;

  constructor(handshakes: Handshakes, context: ListenContext) {
    super(handshakes, context);
    this.#handshakes = handshakes;
  }

  override get pending(): number {
    return this.#handshakes.pending;
  }
}

class StreamAcceptor implements Acceptor {
  readonly addr = undefined;
  readonly pending = 0;
  #pairs: AsyncIterator<StreamPair>;
  #isClosed = false;
  /** Ends the wait for the next pair. */
  #endWait: (() => void) | undefined;

  constructor(pairs: AsyncIterable<StreamPair>) {
    this.#pairs = pairs[Symbol.asyncIterator]();
  }

  async accept(): Promise<Transport | undefined> {
    while (!this.#isClosed) {
      const result = await this.#next();
      if (!result || result.done) return undefined;
      try {
        return openStreams(result.value);
      } catch (error) {
        report(error);
      }
    }
    return undefined;
  }

  /**
   * A promise of its own for each wait: to race with one for the close of all
   * would keep every pair until then.
   */
  #next(): Promise<IteratorResult<StreamPair> | undefined> {
    return new Promise((resolve) => {
      this.#endWait = () => resolve(undefined);
      this.#take().then(resolve);
    });
  }

  /** It may also fail when nobody asks any more. */
  async #take(): Promise<IteratorResult<StreamPair> | undefined> {
    try {
      return await this.#pairs.next();
    } catch (error) {
      report(error);
      return undefined;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#endWait?.();
    quietly(() => this.#pairs.return?.());
  }

  // What brings the pairs keeps the process alive, or does not.
  ref(): void {}
  unref(): void {}
}
