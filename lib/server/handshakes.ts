/**
 * TLS handshakes, beside each other: a client that says nothing holds up nobody.
 *
 * In: a listener. Out: its connections, those over TLS once they have shaken
 * hands. It knows nothing of HTTP.
 *
 * Deno does not close the socket of a connection that is closed before its
 * handshake is done: the descriptor is in use until the client leaves. So none of
 * these is given up, but counted as long as it is there.
 *
 * @module
 */

/** A listener, as far as it is needed here. */
export type Listener = Pick<
  Deno.Listener<Deno.Conn, Deno.Addr>,
  "accept" | "addr" | "close" | "ref" | "unref"
>;

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

/** A listener whose connections have shaken hands. */
export class Handshakes implements Listener {
  #listener: Listener;
  #patience: Patience;
  #now: () => number;
  #isClosed = false;
  #accepting: Promise<void> | undefined;
  #unshaken = new Set<Deno.TlsConn>();
  #ready: Deno.Conn[] = [];
  #change = Promise.withResolvers<void>();

  constructor(
    listener: Listener,
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
    return this.#unshaken.size + this.#ready.length;
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
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}
