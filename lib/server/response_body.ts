/**
 * The body of a Response: content that is here already, or a stream, which is read
 * chunk by chunk and goes out without a length.
 *
 * Where a Response does not tell its content, a text is a stream like others. Then
 * one chunk is read, and one more looked at, without waiting: if the end is in
 * sight, the length is known.
 *
 * @module
 */
import { claim, contentAtHand } from "../lazy/lazy_response.ts";
import { tellsContent } from "../lazy/response_insides.ts";
import {
  type BufferBudget,
  LARGE_BUFFER,
  LARGEST_BUFFER,
  SMALL_BUFFER,
  TransferBuffer,
  USUAL_BUFFER,
} from "../transfer_buffer.ts";

/** Reads a body. `read` gives octets that are valid until the next call. */
export interface Body {
  /** Whether there is a body, even an empty one. */
  readonly isThere: boolean;
  /** The length, if all of it is in memory: it overrides any field. */
  readonly length: number | undefined;
  /**
   * Finds the length out, where a look at the body alone can tell.
   *
   * @param begins Whether to begin reading in any case.
   */
  lookAhead(begins: boolean): Promise<void>;
  /** Whether `read` would not wait, and leaves what it gave before as it is. */
  isAtHand(): Promise<boolean>;
  /** The next octets; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Lets go of the rest, and waits for nothing. */
  cancel(reason?: unknown): void;
  /** Frees what `read` returned last: it is no longer used. */
  release(): void;
}

/**
 * Opens the body of a response. Throws a TypeError if it was read before.
 *
 * @param budget For the buffer that is lent to a byte stream.
 */
export function openBody(response: Response, budget: BufferBudget): Body {
  const content = contentAtHand(response);
  if (content === null) return noBody;
  if (content !== undefined) {
    if (!claim(response)) throw wasRead();
    return new HeldBody(
      typeof content === "string" ? encoder.encode(content) : content,
    );
  }
  const { body } = response;
  if (response.bodyUsed || body?.locked) throw wasRead();
  return body === null ? noBody : new StreamedBody(body, budget);
}

function wasRead(): TypeError {
  return new TypeError("Cannot send a body that was read");
}

const noBody: Body = {
  isThere: false,
  length: 0,
  lookAhead: () => Promise.resolve(),
  isAtHand: () => Promise.resolve(true),
  read: () => Promise.resolve(undefined),
  cancel() {},
  release() {},
};

/** Content that is all here. */
class HeldBody implements Body {
  readonly isThere = true;
  #content: Uint8Array;
  #isRead = false;

  constructor(content: Uint8Array) {
    this.#content = content;
  }

  get length(): number {
    return this.#content.length;
  }

  lookAhead(): Promise<void> {
    return Promise.resolve();
  }

  isAtHand(): Promise<boolean> {
    return Promise.resolve(true);
  }

  read(): Promise<Uint8Array | undefined> {
    if (this.#isRead || this.#content.length === 0) {
      return Promise.resolve(undefined);
    }
    this.#isRead = true;
    return Promise.resolve(this.#content);
  }

  cancel(): void {}
  release(): void {}
}

const encoder = new TextEncoder();

type Chunk = ReadableStreamReadResult<Uint8Array>;

/** A read that was begun; `chunk` is there when it is done. */
interface Read {
  promise: Promise<Chunk>;
  chunk?: Chunk;
}

/** Turns of the microtask queue after which a body at hand has shown itself. */
const TURNS = 8;

/** How much longer a buffer gets that the client has taken quickly. */
const GROWTH = 4;
/** How soon (ms) a client has taken a buffer that may be a longer one. */
const QUICK = 100;
/** How late (ms) it has if a small one will do. */
const SLOW = 500;
/**
 * Octets that a client has taken quickly before it gets the largest: more than the
 * sockets of both sides hold, which Linux lets be 4 and 6 MiB. Until then they may
 * have taken them, and not the client.
 */
const PROVEN = 16 * 1024 * 1024;

/** What `Deno.serve` tells a stream that nobody reads any more. */
const unread = "resource closed";

class StreamedBody implements Body {
  readonly isThere = true;
  length: number | undefined;
  #stream: ReadableStream<Uint8Array>;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #lender: ReadableStreamBYOBReader | undefined;
  #buffer: TransferBuffer;
  /** When the octets in the buffer were given out. */
  #given = 0;
  /** Octets that were taken quickly since the client was last slow. */
  #quick = 0;
  #ahead: Read[] = [];

  constructor(stream: ReadableStream<Uint8Array>, budget: BufferBudget) {
    this.#stream = stream;
    this.#buffer = new TransferBuffer(budget);
  }

  async lookAhead(begins: boolean): Promise<void> {
    if (begins) {
      this.#reader = this.#stream.getReader();
      await this.#peek(0);
    }
    // A text is no byte stream.
    if (tellsContent() || this.#isLent()) return;
    this.length = await this.#lengthInSight();
  }

  async #lengthInSight(): Promise<number | undefined> {
    const first = await this.#peek(0);
    if (!first) return undefined;
    if (first.done) return 0;
    const { length } = octetsIn(first.value);
    return (await this.#peek(1))?.done ? length : undefined;
  }

  async isAtHand(): Promise<boolean> {
    // To look ahead would take away the buffer that the last octets are in.
    if (this.#isLent()) return false;
    return await this.#peek(0) !== undefined;
  }

  async read(): Promise<Uint8Array | undefined> {
    const { promise } = this.#ahead.shift() ?? this.#begin();
    const { value, done } = await promise;
    return done ? undefined : octetsIn(value);
  }

  cancel(reason: unknown = unread): void {
    const reader = this.#reader ?? this.#lender ?? this.#stream;
    reader.cancel(reason).catch(() => {});
  }

  release(): void {
    this.#buffer.release();
  }

  /** A chunk ahead, if it is at hand. An error waits to be read. */
  async #peek(index: number): Promise<Chunk | undefined> {
    while (this.#ahead.length <= index) this.#ahead.push(this.#begin());
    const read = this.#ahead[index];
    for (let turn = 0; turn < TURNS && !read.chunk; turn++) await undefined;
    return read.chunk;
  }

  #begin(): Read {
    const promise = this.#isLent() ? this.#readLent() : this.#reader!.read();
    const read: Read = { promise };
    promise.then((chunk) => read.chunk = chunk, () => {});
    return read;
  }

  /** A byte stream, such as a file, fills one buffer again and again. */
  #isLent(): boolean {
    if (!this.#reader && !this.#lender) {
      try {
        this.#lender = this.#stream.getReader({ mode: "byob" });
      } catch {
        this.#reader = this.#stream.getReader();
      }
    }
    return this.#lender !== undefined;
  }

  async #readLent(): Promise<Chunk> {
    this.#buffer.resize(this.#fittingLength());
    const { value, done } = await this.#lender!.read(
      new Uint8Array(this.#buffer.octets),
    );
    if (value) this.#buffer.octets = value.buffer as ArrayBuffer;
    this.#given = performance.now();
    return done ? { done, value: undefined } : { done, value };
  }

  /**
   * A slow client holds its buffer longer; the small one is enough for it.
   */
  #fittingLength(): number {
    const { length } = this.#buffer;
    if (length === 0) return USUAL_BUFFER;
    const taken = performance.now() - this.#given;
    if (taken > SLOW) {
      this.#quick = 0;
      return SMALL_BUFFER;
    }
    if (taken >= QUICK) return length;
    this.#quick += length;
    const most = this.#quick < PROVEN ? LARGE_BUFFER : LARGEST_BUFFER;
    return Math.min(GROWTH * length, most);
  }
}

/** Streams may carry anything; only octets can be sent. */
function octetsIn(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError(
    "Cannot send a chunk of a body: expected typed ArrayBufferView, a Uint8Array",
  );
}
