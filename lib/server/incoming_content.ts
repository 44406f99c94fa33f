/**
 * Request content, guarded: every read of it has a clock, and the first one
 * invites a client that waits to be asked.
 *
 * In: content as `wire/` reads it. Out: the same octets, or an error that says
 * what to answer. A handler may keep a body beyond its exchange, or leave a
 * read unfinished; once the exchange is over, neither has an effect here.
 *
 * @module
 */
import { concat } from "@std/bytes/concat";
import { ConnectionLost, ProtocolError } from "../errors.ts";
import type { Timeouts } from "../limits.ts";
import { LARGE_BUFFER } from "../transfer_buffer.ts";
import type { FieldSection } from "../wire/field_section.ts";
import type { RequestContent } from "../wire/request_content.ts";
import { type Deadline, type Deadlines, isTooSlow } from "./client_timeouts.ts";
import { KeptContent } from "./kept_content.ts";

/** How long (ms) a handler that has answered may pause before it reads on. */
const PATIENCE = 1000;

/** The most octets read at once, unless the reader says how many. */
const PIECE = LARGE_BUFFER;

/** What guards the reads of the content that comes on a connection. */
export interface ContentGuard {
  readonly deadlines: Deadlines;
  readonly timeouts: Timeouts;
  readonly read: Deadline;
  /**
   * Sends gathered output: the server's delay must not count as the client's.
   */
  flush(): Promise<void>;
  /** Sends 100 Continue. */
  invite(): Promise<void>;
  /** Ends a read that is under way. */
  interrupt(reason: Error): void;
  /** Told when the handler has come to the end of the content. */
  contentEnded(): void;
}

/** The content of one exchange. */
export class IncomingContent {
  #content: RequestContent;
  #guard: ContentGuard;
  #waited = 0;
  #lastRead: Promise<unknown> | undefined;
  #isReading = false;
  /** Whether a handler waits for what is kept. */
  #isTaking = false;
  #isGathering = false;
  /** What the handler reads it from, if it is a stream. */
  #stream: ReadableStream<Octets> | undefined;
  /** What was read ahead of the handler, once that has begun. */
  #kept: KeptContent | undefined;
  #keeping: Promise<void> | undefined;
  /** Wakes the wait for the handler to read on. */
  #wake: PromiseWithResolvers<void> | undefined;
  #isOver = false;
  /** Whether the handler got all of it. */
  #isWhole = false;
  /** Whether the client waits to be invited to send it. */
  isWaiting: boolean;
  /** Why it could not be read, once that is so. */
  failure: unknown;

  constructor(
    content: RequestContent,
    guard: ContentGuard,
    isWaiting: boolean,
  ) {
    this.#content = content;
    this.#guard = guard;
    this.isWaiting = isWaiting;
  }

  get ended(): boolean {
    return this.#content.ended;
  }

  /** Whether nothing is left of it, and no read of it has to be waited for. */
  get isSettled(): boolean {
    return this.ended && this.#lastRead === undefined;
  }

  /** Octets to come, where the framing tells. */
  get remaining(): number | undefined {
    return this.#content.remaining;
  }

  get received(): number {
    return this.#content.received;
  }

  /** The trailer section, once chunked content has ended. */
  get trailers(): FieldSection | undefined {
    return this.#content.trailers;
  }

  /** Reads some octets for the handler; undefined at the end. */
  read(most: number): Promise<Uint8Array | undefined> {
    const kept = this.#kept?.isEmpty === false ? this.#kept : undefined;
    const reading = kept ? this.#readKept(kept, most) : this.#readOn(most);
    this.#lastRead = reading.catch(() => {});
    this.#wake?.resolve();
    return reading;
  }

  async #readKept(
    kept: KeptContent,
    most: number,
  ): Promise<Uint8Array | undefined> {
    this.#isTaking = true;
    const octets = await kept.take(most).finally(() => this.#isTaking = false);
    return octets ?? await this.#readOn(most);
  }

  #readOn(most: number): Promise<Uint8Array | undefined> {
    if (this.#isOver && this.#isWhole) return Promise.resolve(undefined);
    return this.#isOver
      ? Promise.reject(exchangeIsOver())
      : this.#readForHandler(most);
  }

  /** All of it as a byte stream: read when it is asked for and no sooner. */
  stream(): ReadableStream<Octets> {
    return this.#stream = byteStream((most) => this.read(most));
  }

  /**
   * Reads all that is left, for the handler. Octets that have arrived are
   * returned at once, if no read has begun.
   */
  readAll(): Octets | Promise<Octets> {
    if (this.#isOver || this.#lastRead) return this.#gather();
    const octets = this.#content.takeRest();
    if (!octets) return this.#gather();
    // A copy, for the watch of the client may overwrite the original.
    const copy = new Uint8Array(octets);
    this.#isWhole = true;
    this.#guard.contentEnded();
    return copy;
  }

  async #gather(): Promise<Octets> {
    this.#isGathering = true;
    const pieces: Octets[] = [];
    for (;;) {
      const piece = await this.read(PIECE);
      if (!piece) return concat(pieces);
      pieces.push(new Uint8Array(piece));
    }
  }

  /** Whether what is left could be dropped, to keep the connection. */
  mayBeDiscarded(limit: number): boolean {
    if (this.ended) return true;
    // RFC 9110 §10.1.1: a client that was not invited may send its content all
    // the same, or not; what comes next can't be told.
    if (this.failure !== undefined || this.isWaiting) return false;
    if (this.#content.hasArrived) return true;
    return limit > 0 && (this.remaining ?? 0) <= limit;
  }

  /**
   * Lets a handler that has answered read on, to the end of the content, or until
   * it asks for no more. A little content is kept for it instead: a handler that
   * only wraps the request never reads, and never says so.
   */
  async outlast(): Promise<void> {
    const { deadlines } = this.#guard;
    let isLate = false;
    const patience = deadlines.create(() => {
      isLate = true;
      this.#wake?.resolve();
    });
    try {
      while (!isLate && this.#isWanted) {
        await this.#guard.flush();
        await this.#lastRead;
        const isRead = this.#isTaking ||
          (this.#isReading && !this.#kept?.isOpen);
        if (isRead || !this.#isWanted) continue;
        const { promise } = this.#wake = Promise.withResolvers();
        patience.start(PATIENCE);
        if (!this.#kept && this.mayBeDiscarded(PIECE)) {
          this.#keeping = this.#keep().then(() => this.#wake?.resolve());
        }
        await promise;
        patience.stop();
      }
    } finally {
      this.#isOver = true;
      patience.release();
    }
  }

  get #isWanted(): boolean {
    if (this.ended || this.failure !== undefined) return false;
    return this.#isReading || this.#isGathering ||
      (this.#stream?.locked ?? false);
  }

  /** Reads ahead of the handler; a failure is told to its next read. */
  async #keep(): Promise<void> {
    const kept = this.#kept = new KeptContent();
    try {
      while (!this.ended && kept.length <= PIECE) {
        const octets = await this.#read(PIECE);
        if (octets) kept.add(octets);
      }
      this.#isWhole = this.ended;
    } catch {
      // It is kept in `failure`.
    } finally {
      kept.complete(this.failure);
    }
  }

  /**
   * Says that the exchange is over, and ends what it left.
   *
   * @returns the last read, if it has to be waited for.
   */
  abandon(): Promise<unknown> | undefined {
    this.#isOver = true;
    if (this.#isReading) this.#guard.interrupt(exchangeIsOver());
    return this.#keeping ?? this.#lastRead;
  }

  /**
   * The same; then discards the rest, up to `limit` octets. @returns whether that
   * was all.
   */
  async discard(limit: number): Promise<boolean> {
    this.#isOver = true;
    if (!this.mayBeDiscarded(limit)) this.abandon();
    await this.#keeping;
    await this.#lastRead;
    if (!this.mayBeDiscarded(limit)) return false;
    for (let dropped = 0; !this.ended && dropped <= limit;) {
      const octets = await this.#read(PIECE);
      dropped += octets?.length ?? 0;
    }
    return this.ended;
  }

  async #readForHandler(most: number): Promise<Uint8Array | undefined> {
    const octets = this.ended ? undefined : await this.#read(most);
    this.#isWhole = this.ended;
    // Only now, because the watch may overwrite octets that were not taken yet.
    if (!octets) this.#guard.contentEnded();
    return octets;
  }

  async #read(most: number): Promise<Uint8Array | undefined> {
    const { deadlines, read, timeouts } = this.#guard;
    this.#isReading = true;
    try {
      await this.#inviteOnce();
      await this.#guard.flush();
      const from = deadlines.now();
      read.start(timeouts.content);
      const octets = await this.#content.read(most);
      this.#waited += deadlines.now() - from;
      if (isTooSlow(this.received, this.#waited, timeouts.rate)) {
        throw new ProtocolError(408, "The request content came too slowly");
      }
      return octets;
    } catch (error) {
      this.failure ??= error;
      throw error;
    } finally {
      read.stop();
      this.#isReading = false;
    }
  }

  async #inviteOnce(): Promise<void> {
    if (!this.isWaiting) return;
    this.isWaiting = false;
    await this.#guard.invite();
  }
}

/** The stream of no content. */
export function emptyStream(): ReadableStream<Octets> {
  return byteStream(() => Promise.resolve(undefined));
}

function byteStream(
  read: (most: number) => Promise<Uint8Array | undefined>,
): ReadableStream<Octets> {
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const lent = controller.byobRequest;
      const octets = await read(lent?.view?.byteLength ?? PIECE);
      if (!octets) {
        controller.close();
        lent?.respond(0);
      } else if (lent?.view) {
        const { buffer, byteOffset } = lent.view;
        new Uint8Array(buffer, byteOffset).set(octets);
        lent.respond(octets.length);
      } else {
        controller.enqueue(octets.slice());
      }
    },
  });
}

type Octets = Uint8Array<ArrayBuffer>;

function exchangeIsOver(): ConnectionLost {
  return new ConnectionLost("The exchange is over");
}
