/**
 * The body of a Response, read with a look ahead.
 *
 * A Response does not tell how long its body is, yet most are already there in
 * full. So one chunk is read, and one looked at further, without waiting: if
 * the end is in sight the length is known.
 *
 * @module
 */

/** Reads a body. `read` gives octets that are valid until the next call. */
export interface Body {
  /** The length, when it can be known without waiting. */
  knownLength(): Promise<number | undefined>;
  /** Whether `read` would not wait, and leaves what it gave before as it is. */
  isAtHand(): Promise<boolean>;
  /** The next octets; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Lets go of the rest, and waits for nothing. */
  cancel(reason?: unknown): void;
}

/** Opens the body of a response, or of none. */
export function openBody(stream: ReadableStream<Uint8Array> | null): Body {
  return stream === null ? noBody : new StreamedBody(stream);
}

const noBody: Body = {
  knownLength: () => Promise.resolve(0),
  isAtHand: () => Promise.resolve(true),
  read: () => Promise.resolve(undefined),
  cancel() {},
};

type Chunk = ReadableStreamReadResult<Uint8Array>;

/** A read that was begun; `chunk` is there when it is done. */
interface Read {
  promise: Promise<Chunk>;
  chunk?: Chunk;
}

/** Turns of the microtask queue after which a body at hand has shown itself. */
const TURNS = 8;

/** Octets of the buffer that is lent to a byte stream. */
const LENT = 256 * 1024;

class StreamedBody implements Body {
  #stream: ReadableStream<Uint8Array>;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #lender: ReadableStreamBYOBReader | undefined;
  #buffer = new ArrayBuffer(0);
  #ahead: Read[] = [];

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#stream = stream;
  }

  async knownLength(): Promise<number | undefined> {
    this.#reader ??= this.#stream.getReader();
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

  cancel(reason?: unknown): void {
    const reader = this.#reader ?? this.#lender ?? this.#stream;
    reader.cancel(reason).catch(() => {});
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
        this.#buffer = new ArrayBuffer(LENT);
      } catch {
        this.#reader = this.#stream.getReader();
      }
    }
    return this.#lender !== undefined;
  }

  async #readLent(): Promise<Chunk> {
    const { value, done } = await this.#lender!.read(
      new Uint8Array(this.#buffer),
    );
    if (value) this.#buffer = value.buffer as ArrayBuffer;
    return done ? { done, value: undefined } : { done, value };
  }
}

/** Streams may carry anything; only octets can be sent. */
function octetsIn(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError("Cannot send a body whose chunks are not Uint8Array");
}
