/**
 * A stream of octets, read by a parser, by line or by count.
 *
 * In: a `ReadableStream` that may reuse one buffer for all its chunks. Octets
 * that are left over are copied before the next read, and octets that are taken
 * are valid only until the next call. Out: whatever a parser builds, such as a
 * head; lines, up to a limit; content, as it arrives. It knows what ends a
 * line, and refuses a bare LF and control characters, but not what a line
 * means.
 *
 * This is the only place in `wire/` that waits.
 *
 * @module
 */
import { ConnectionLost, ProtocolError } from "../errors.ts";
import { CR, FIELD_OCTET, LF } from "./grammar.ts";

/** A limit on the length of a line, and the error past it. */
export interface LineLimit {
  /** The maximum length in octets, without the line end. */
  octets: number;
  /** The status of the {@linkcode ProtocolError}. */
  status: number;
  /** Its message. */
  message: (octets: number) => string;
}

/**
 * Parses one thing after another from octets that may arrive in pieces. It
 * remembers how far it has read, counted from the start of the thing, so that
 * no octet is examined twice.
 */
export interface Parser<Thing> {
  /**
   * How many octets of the thing have been examined; at its end, all of them.
   */
  readonly taken: number;
  /**
   * Continues with the thing that begins at `start` and has arrived up to
   * `end`. Throws a {@linkcode ProtocolError} at the first octet that is
   * invalid.
   *
   * @returns undefined until the thing is complete.
   */
  parse(octets: Uint8Array, start: number, end: number): Thing | undefined;
}

const NONE = new Uint8Array(0);

/**
 * Reads a stream of octets and keeps those that are not taken yet. All methods
 * throw a {@linkcode ConnectionLost} when the stream fails, and a
 * {@linkcode ProtocolError} at octets that cannot be part of a message.
 *
 * @example
 * ```ts
 * import { ByteReader } from "@sluice/http/wire";
 * import { assertEquals } from "@std/assert";
 *
 * const reader = new ByteReader(new Blob(["one\r\ntwo"]).stream());
 * const limit = { octets: 80, status: 400, message: () => "Too long" };
 * assertEquals((await reader.readLine(limit)).length, 3);
 * assertEquals((await reader.readSome(2))?.length, 2);
 * ```
 */
export class ByteReader {
  #stream: ReadableStream<Uint8Array>;
  #source: ReadableStreamDefaultReader<Uint8Array>;
  #beforeWait: () => Promise<void> | void;
  #octets = NONE;
  #start = 0;
  #end = 0;
  #owned = true;
  #ended = false;
  #received = 0;
  /** Whether a wait is in progress or about to begin. */
  #isFilling = false;
  #pending: Promise<ReadableStreamReadResult<Uint8Array>> | undefined;
  #isWaiting = false;
  #interruption: Error | undefined;

  /**
   * Creates a reader, which locks the stream.
   *
   * @param stream Where the octets come from.
   * @param beforeWait Called before each wait for more: the moment to send
   * buffered output.
   */
  constructor(
    stream: ReadableStream<Uint8Array>,
    beforeWait: () => Promise<void> | void = () => {},
  ) {
    this.#stream = stream;
    this.#source = stream.getReader();
    this.#beforeWait = beforeWait;
  }

  /** How many octets have arrived and are not taken yet. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /** How many octets have arrived in all. */
  get received(): number {
    return this.#received;
  }

  /**
   * Whether a read of the stream is in progress, or its result is not taken
   * yet.
   */
  get isReading(): boolean {
    return this.#pending !== undefined;
  }

  /**
   * Whether a message begins at the next octet, with no empty line before it.
   */
  hasMessage(): boolean {
    if (this.buffered === 0 || this.#octets[this.#start] === CR) return false;
    this.#interruption = undefined;
    return true;
  }

  /**
   * Waits for the first octet of a message. Skips up to eight empty lines
   * before it (RFC 9112 §2.2 asks for at least one); a ninth is left, to be
   * refused as a request line.
   *
   * @returns false when the stream ends first.
   */
  awaitMessage(): Promise<boolean> | true {
    return this.#awaitMessage(0);
  }

  #awaitMessage(skipped: number): Promise<boolean> | true {
    while (this.#startsWithLineEnd() && skipped < 8) {
      this.#start += 2;
      skipped++;
    }
    if (this.buffered > (this.#octets[this.#start] === CR ? 1 : 0)) {
      this.#interruption = undefined;
      return true;
    }
    return this.#fill().then((hasMore) =>
      hasMore ? this.#awaitMessage(skipped) : this.buffered > 0
    );
  }

  /** Takes what the parser builds, if it is complete. */
  take<Thing>(parser: Parser<Thing>): Thing | undefined {
    const thing = parser.parse(this.#octets, this.#start, this.#end);
    if (thing !== undefined) this.#start += parser.taken;
    return thing;
  }

  /** The same, but waits until it is complete. */
  async read<Thing>(parser: Parser<Thing>): Promise<Thing> {
    for (;;) {
      const thing = this.take(parser);
      if (thing !== undefined) return thing;
      if (!await this.#fill()) throw cutShort();
    }
  }

  /** Takes a line, without its CRLF. */
  async readLine(limit: LineLimit): Promise<Uint8Array> {
    for (let searched = 0;;) {
      const { at, isLineEnd } = this.#walkLine(searched, limit);
      if (isLineEnd) return this.#take(at + 2).subarray(0, at);
      searched = at;
      if (!await this.#fill()) throw cutShort();
    }
  }

  /** Takes a line, without waiting, if it is complete. */
  takeLine(limit: LineLimit): Uint8Array | undefined {
    const { at, isLineEnd } = this.#walkLine(0, limit);
    return isLineEnd ? this.#take(at + 2).subarray(0, at) : undefined;
  }

  /**
   * Takes up to `most` octets, as soon as there are any.
   *
   * @returns undefined at the end of the stream.
   */
  readSome(most: number): Promise<Uint8Array | undefined> {
    if (this.buffered > 0) return Promise.resolve(this.takeSome(most));
    return this.#fill().then((hasMore) =>
      hasMore ? this.takeSome(most) : undefined
    );
  }

  /** Takes up to `most` of the octets that have arrived, without waiting. */
  takeSome(most: number): Uint8Array {
    return this.#take(Math.min(most, this.buffered));
  }

  /**
   * Watches for the client while nothing is being read; octets that arrive are
   * kept for the next read. Throws a ConnectionLost when the connection breaks.
   *
   * @returns false when the stream has ended.
   */
  async watch(): Promise<boolean> {
    if (this.#ended) return false;
    this.#keepRest();
    const source = this.#source;
    this.#pending ??= source.read();
    try {
      return !(await this.#pending).done;
    } catch (cause) {
      // An interruption released the source; nothing broke.
      if (source !== this.#source) return true;
      throw new ConnectionLost("The connection broke", { cause });
    }
  }

  /**
   * Ends the current wait, or else the next one for the same message, by
   * throwing `reason`. Nothing is lost: later octets stay in the stream for the
   * next read.
   */
  interrupt(reason: Error): void {
    this.#interruption = reason;
    if (!this.#isWaiting) return;
    this.#source.releaseLock();
    this.#source = this.#stream.getReader();
    this.#pending = undefined;
  }

  #take(length: number): Uint8Array {
    this.#start += length;
    return this.#octets.subarray(this.#start - length, this.#start);
  }

  #startsWithLineEnd(): boolean {
    return this.buffered >= 2 && this.#octets[this.#start] === CR &&
      this.#octets[this.#start + 1] === LF;
  }

  /**
   * Walks from `searched` to the end of a line, or to the last octet that has
   * arrived; both count from the start of the buffered octets.
   */
  #walkLine(
    searched: number,
    limit: LineLimit,
  ): { at: number; isLineEnd: boolean } {
    const start = this.#start;
    const stop = Math.min(this.#end, start + limit.octets + 1);
    let at = start + searched;
    while (at < stop && FIELD_OCTET[this.#octets[at]] === 1) at++;
    if (at - start > limit.octets) throw pastLimit(limit);
    const isLineEnd = endsLine(this.#octets, at, this.#end);
    return { at: at - start, isLineEnd };
  }

  /**
   * Waits for more. Neither this nor its callers that wait between messages are
   * async: a suspended async function holds half a KiB, and most connections
   * only wait.
   *
   * @returns false at the end of the stream.
   */
  #fill(): Promise<boolean> {
    if (this.#ended) return Promise.resolve(false);
    // Two reads at once would take the same octets twice.
    if (this.#isFilling) {
      return Promise.reject(new Error("Cannot read: a read is in progress"));
    }
    this.#isFilling = true;
    try {
      this.#keepRest();
      const ready = this.#beforeWait();
      return ready
        ? ready.then(() => this.#awaitOctets(), this.#fail)
        : this.#awaitOctets();
    } catch (error) {
      this.#isFilling = false;
      return Promise.reject(error);
    }
  }

  #awaitOctets(): Promise<boolean> {
    this.#endIfInterrupted();
    this.#isWaiting = true;
    this.#pending ??= this.#source.read();
    return this.#pending.then(this.#arrive, this.#fail);
  }

  #arrive = (
    { value, done }: ReadableStreamReadResult<Uint8Array>,
  ): boolean => {
    this.#pending = undefined;
    this.#isWaiting = this.#isFilling = false;
    if (done) this.#ended = true;
    else this.#append(value);
    // The interruption may have come after the stream delivered the octets.
    this.#endIfInterrupted();
    return !this.#ended;
  };

  #fail = (cause: unknown): never => {
    const isBroken = this.#isWaiting;
    this.#isWaiting = this.#isFilling = false;
    if (!isBroken) throw cause;
    this.#endIfInterrupted();
    throw new ConnectionLost("The connection broke", { cause });
  };

  #endIfInterrupted(): void {
    const reason = this.#interruption;
    if (!reason) return;
    this.#interruption = undefined;
    this.#isFilling = false;
    throw reason;
  }

  #keepRest(): void {
    if (this.#owned) return;
    if (this.buffered === 0) return this.#forget();
    // Not slice(): on a node Buffer it makes no copy.
    this.#octets = new Uint8Array(
      this.#octets.subarray(this.#start, this.#end),
    );
    this.#end -= this.#start;
    this.#start = 0;
    this.#owned = true;
  }

  /** Drops the view, so that the stream's buffer can be freed. */
  #forget(): void {
    this.#octets = NONE;
    this.#owned = true;
    this.#start = this.#end = 0;
  }

  #append(octets: Uint8Array): void {
    this.#received += octets.length;
    const rest = this.buffered;
    if (rest === 0) {
      this.#octets = octets as Uint8Array<ArrayBuffer>;
      this.#owned = false;
      this.#start = 0;
      this.#end = octets.length;
      return;
    }
    if (this.#end + octets.length > this.#octets.length) {
      const larger = new Uint8Array(2 * (rest + octets.length));
      larger.set(this.#octets.subarray(this.#start, this.#end));
      // Freed at once: buffers awaiting collection are most of the memory that
      // slow clients cost.
      this.#octets.buffer.transfer(0);
      this.#octets = larger;
      this.#start = 0;
      this.#end = rest;
    }
    this.#octets.set(octets, this.#end);
    this.#end += octets.length;
  }
}

/**
 * Whether a line ends at `at`, where its field octets end; false while that is
 * unknown. An octet that no line can hold is refused at once: a client that
 * never sends CRLF (a TLS handshake, say) must not wait for its timeout, and
 * the answer must not depend on how much arrived at once.
 *
 * A bare LF is refused too. RFC 9112 §2.2 lets a recipient accept it as a line
 * end, but two readers that disagree about it see different messages.
 */
export function endsLine(
  octets: Uint8Array,
  at: number,
  end: number,
): boolean {
  if (at === end) return false;
  if (octets[at] === CR) {
    if (at + 1 === end) return false;
    if (octets[at + 1] === LF) return true;
  }
  throw new ProtocolError(
    400,
    octets[at] === LF
      ? "A line must end with CRLF, not LF alone (RFC 9112 §2.2)"
      : "A control character is not allowed here (RFC 9112 §2.2)",
  );
}

function pastLimit({ octets, status, message }: LineLimit): ProtocolError {
  return new ProtocolError(status, message(octets));
}

function cutShort(): ProtocolError {
  return new ProtocolError(400, "The request ended before it was complete");
}
