/**
 * A `Deno.Conn` as a `Transport`: what a connection needs of a socket.
 *
 * In: an accepted connection. Out: octets one way and the other. It knows
 * nothing of HTTP.
 *
 * @module
 */
import {
  type BufferBudget,
  FIRST_BUFFER,
  LARGE_BUFFER,
  TransferBuffer,
} from "../transfer_buffer.ts";

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
   * Ends both ways at once, if the peer gets all that was written all the same,
   * and its end. Nobody may look any more at what it has brought.
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
  /** Whether what goes through is encrypted: then the URIs are `https`. */
  readonly isSecure: boolean;
}

/** Enough for a few heads, or one with long cookies. */
const USUAL_BUFFER = 8 * 1024;
/** How much longer the next read is that follows a full one. */
const GROWTH = 4;

/** It is asked when somebody reads, and not before. */
const onDemand = { highWaterMark: 0 };

/**
 * An accepted connection.
 *
 * `conn.readable` would do, but it closes the whole socket when the peer closes
 * its half, and allocates 64 KiB for each read. This one reads into one buffer.
 */
export class Socket implements Transport, UnderlyingDefaultSource<Uint8Array> {
  readonly readable: ReadableStream<Uint8Array>;
  #conn: Deno.Conn;
  #fairness: Fairness;
  #buffer: TransferBuffer;
  #isOpen = true;
  #isReading = false;
  #next = FIRST_BUFFER;
  #usual = FIRST_BUFFER;

  constructor(conn: Deno.Conn, fairness: Fairness, budget: BufferBudget) {
    this.#conn = conn;
    this.#fairness = fairness;
    this.#buffer = new TransferBuffer(budget);
    this.readable = new ReadableStream(this, onDemand);
    try {
      // We gather what goes out ourselves; the kernel need not wait for more.
      if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
    } catch {
      // The client is gone already, as the first read will tell.
    }
  }

  get remoteAddr(): Deno.Addr {
    return this.#conn.remoteAddr;
  }

  get localAddr(): Deno.Addr {
    return this.#conn.localAddr;
  }

  get isSecure(): boolean {
    return "handshake" in this.#conn;
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

/** How soon (ms) the loop should turn again. */
const TURN = 5;
/** How late (ms) is too late. */
const LONG_TURN = 10;
/** It is looked at the clock once in so many times: that has its price, too. */
const TIMES = 8;

/**
 * Lets others in while one client sends without a pause.
 *
 * As long as octets are ready Deno reads them without a turn of the event loop,
 * up to 128 times on end, and a pipeline is answered without any. Meanwhile no
 * timer strikes and no one else is served. So before each read, and each request
 * of a pipeline, it is asked here whether the loop has turned of late.
 */
export class Fairness {
  #turn: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #since = 0;
  #times = 0;

  /** The next turn, to be waited for if the last is too long ago. */
  get overdueTurn(): Promise<void> | undefined {
    if (++this.#times % TIMES > 0) return undefined;
    const now = performance.now();
    if (this.#turn === undefined) this.#expectTurn(now);
    else if (now - this.#since > LONG_TURN) return this.#turn;
    return undefined;
  }

  /** Expects no turn any more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #expectTurn(now: number): void {
    this.#since = now;
    this.#turn = new Promise((resolve) => {
      this.#timer = setTimeout(() => {
        this.#turn = undefined;
        resolve();
      }, TURN);
    });
  }
}
