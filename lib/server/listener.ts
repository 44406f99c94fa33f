/**
 * Accepts connections from a port, a path or a given listener, including TLS
 * handshakes.
 *
 * In: the options that say where to listen. Out: one `Transport` after the
 * other. Of HTTP it knows only the name that TLS asks for.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import type { Limits, Timeouts } from "../limits.ts";
import type { BufferBudget } from "../transfer_buffer.ts";
import { type Descriptors, isOutOfDescriptors } from "./descriptor_limit.ts";
import type { Fairness } from "./clock.ts";
import type { SecureContext } from "./secure_conn.ts";
import { SecureListener, ServerCertificate } from "./secure_listener.ts";
import { type ListenOptions, refuseUncarried } from "./serve_options.ts";
import { quietly, report } from "./strays.ts";
import {
  openStreams,
  Socket,
  type StreamPair,
  type Transport,
} from "./transport.ts";

/** Accepts connections. */
export interface Acceptor {
  /** Where it listens, if it is an address. */
  readonly addr: Deno.Addr | undefined;
  /** How many connections hold a descriptor but were not accepted yet. */
  readonly pending: number;
  /**
   * Waits for the next; undefined when there will be none. Throws what the
   * system says when there are no descriptors: try again once some are free.
   */
  accept(): Promise<Transport | undefined>;
  /** Stops accepting; a pending `accept` returns undefined. */
  close(): void;
  ref(): void;
  unref(): void;
  /** Not there without TLS, or where TLS is Deno's own. */
  readonly certificate?: ServerCertificate;
}

/** The part of a server that a listener needs. */
export interface ListenContext extends SecureContext {
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
  refuseUncarried(options);
  if (listener) refuseTheRest(options);
  if (listener && !("accept" in listener)) return new StreamAcceptor(listener);
  const { cert, key } = options;
  if (listener === undefined) refuseHalfTls(options);
  if (cert !== undefined && key !== undefined) {
    const certificate = ServerCertificate.of({ cert, key });
    if (certificate) return openSecure(options, certificate, context);
  }
  const opened = listener ?? openListener(options);
  const maySpeakTls = listener !== undefined || cert !== undefined;
  if (!maySpeakTls) return new ListenerAcceptor(opened, context, options.path);
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

/** An option for TLS must not be ignored: the server would not be encrypted. */
function refuseTheRest(options: ListenOptions): void {
  for (const name of ["cert", "key", "path"] as const) {
    if (options[name] === undefined) continue;
    throw new TypeError(`Cannot serve: a listener takes no ${name}`);
  }
}

/** TLS needs all that it needs, and a place where it can be. */
function refuseHalfTls(options: ListenOptions): void {
  const { cert, key, path, proxyProtocol } = options;
  if ((cert === undefined) !== (key === undefined)) {
    throw new TypeError("Cannot serve: TLS needs both cert and key");
  }
  if (cert === undefined) return;
  if (proxyProtocol) {
    throw new TypeError(
      "Cannot serve: proxyProtocol takes no TLS, omit cert and key",
    );
  }
  if (path !== undefined) {
    throw new TypeError("Cannot serve: a Unix socket takes no TLS");
  }
}

/** TLS on connections of `Deno.listen`. */
function openSecure(
  options: ListenOptions,
  certificate: ServerCertificate,
  context: ListenContext,
): Acceptor {
  const listener = Deno.listen(placeOf(options));
  const source = new SecureListener(listener, certificate, context);
  return new SecureAcceptor(source, certificate, context);
}

function openListener(options: ListenOptions): Deno.Listener {
  const { path, cert, key } = options;
  if (path !== undefined) return Deno.listen({ transport: "unix", path });
  const place = placeOf(options);
  // Where this Deno is unknown: then a handshake that stalls keeps its socket.
  return cert === undefined || key === undefined
    ? Deno.listen(place)
    : Deno.listenTls({ ...place, cert, key, alpnProtocols: ["http/1.1"] });
}

function placeOf(options: ListenOptions) {
  const { port = 8000, hostname = "0.0.0.0", reusePort, tcpBacklog } = options;
  return { port, hostname, reusePort, tcpBacklog };
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
  #listener: ConnSource;
  #fairness: Fairness;
  #budget: BufferBudget;
  #path: string | undefined;
  #isClosed = false;

  /** @param path Of a Unix socket that is removed when it is closed. */
  constructor(
    listener: ConnSource,
    { fairness, budget }: ListenContext,
    path?: string,
  ) {
    this.#listener = listener;
    this.#fairness = fairness;
    this.#budget = budget;
    this.#path = path;
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
    this.#removePath();
  }

  /** What is left of a Unix socket would be in the way of the next server. */
  #removePath(): void {
    if (this.#path === undefined) return;
    try {
      Deno.removeSync(this.#path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) report(error);
    }
  }

  ref(): void {
    this.#listener.ref();
  }

  unref(): void {
    this.#listener.unref();
  }
}

/** Connections with a certificate that can be renewed. */
class SecureAcceptor extends ListenerAcceptor {
  readonly certificate: ServerCertificate;

  constructor(
    listener: SecureListener,
    certificate: ServerCertificate,
    context: ListenContext,
  ) {
    super(listener, context);
    this.certificate = certificate;
  }
}

/** With TLS of Deno's own, a connection is here before it is brought. */
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

  /** It may also fail after `accept` was abandoned. */
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

/** A listener, as far as it is needed here. */
export type ConnSource =
  & Pick<
    Deno.Listener<Deno.Conn, Deno.Addr>,
    "accept" | "addr" | "close" | "ref" | "unref"
  >
  & {
    /** How many connections it holds that nobody has accepted. Default: none. */
    readonly pending?: number;
  };

/** How many clients may take how long. */
export interface Patience {
  /**
   * Connections that have not shaken hands yet; past it none is accepted. Asked
   * each time, for it may change.
   */
  readonly most: number;
  /** Milliseconds; a client that took longer is not served. */
  time: number;
}

/** Milliseconds until it is asked again how many there may be. */
const PAUSE = 1000;

/**
 * TLS handshakes in parallel: a silent client does not block others.
 *
 * Deno does not close the socket of a connection that is closed before its
 * handshake is done: the descriptor is in use until the client leaves. So none of
 * these is given up, but counted as long as it is there.
 */
export class Handshakes implements ConnSource {
  #listener: ConnSource;
  #patience: Patience;
  #now: () => number;
  #isClosed = false;
  #accepting: Promise<void> | undefined;
  #unshaken = new Set<Deno.TlsConn>();
  #ready: Deno.Conn[] = [];
  #change = Promise.withResolvers<void>();

  constructor(
    listener: ConnSource,
    patience: Patience,
    now: () => number = () => performance.now(),
  ) {
    this.#listener = listener;
    this.#patience = patience;
    this.#now = now;
  }

  get addr(): Deno.Addr {
    return this.#listener.addr;
  }

  /** How many connections are here, and not handed over yet. */
  get pending(): number {
    const { pending = 0 } = this.#listener;
    return pending + this.#unshaken.size + this.#ready.length;
  }

  /** Rejects as that of the listener does. */
  async accept(): Promise<Deno.Conn> {
    for (;;) {
      const conn = this.#ready.shift();
      if (conn) return conn;
      const isFull = this.#unshaken.size >= this.#patience.most;
      if (isFull) await this.#awaitRoom();
      else await Promise.race([this.#acceptOne(), this.#change.promise]);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const conn of [...this.#unshaken, ...this.#ready]) conn.close();
    this.#ready = [];
    this.#listener.close();
    this.#tellChange();
  }

  ref(): void {
    this.#listener.ref();
  }

  unref(): void {
    this.#listener.unref();
  }

  /** Until one has shaken hands or left, or more might be allowed. */
  async #awaitRoom(): Promise<void> {
    const pause = Promise.withResolvers<void>();
    const timer = setTimeout(pause.resolve, PAUSE);
    await Promise.race([this.#change.promise, pause.promise]);
    clearTimeout(timer);
  }

  /** One at a time; it may end when nobody waits for it any more. */
  #acceptOne(): Promise<void> {
    if (!this.#accepting) {
      this.#accepting = this.#take().finally(() => this.#accepting = undefined);
      this.#accepting.catch(() => {});
    }
    return this.#accepting;
  }

  async #take(): Promise<void> {
    const conn = await this.#listener.accept();
    if ("handshake" in conn) this.#shakeHands(conn as Deno.TlsConn);
    else this.#ready.push(conn);
  }

  async #shakeHands(conn: Deno.TlsConn): Promise<void> {
    const from = this.#now();
    this.#unshaken.add(conn);
    const isShaken = await conn.handshake().then(() => true, () => false);
    this.#unshaken.delete(conn);
    if (!this.#isClosed) {
      const isInTime = this.#now() - from <= this.#patience.time;
      if (isShaken && isInTime) this.#ready.push(conn);
      else conn.close();
    }
    this.#tellChange();
  }

  #tellChange(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}
