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
  /** The next octets; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Lets go of the rest. Never throws. */
  cancel(reason?: unknown): Promise<void>;
}

/** Opens the body of a response, or of none. */
export function openBody(stream: ReadableStream<Uint8Array> | null): Body {
  return stream === null ? noBody : new StreamedBody(stream);
}

const noBody: Body = {
  knownLength: () => Promise.resolve(0),
  read: () => Promise.resolve(undefined),
  cancel: () => Promise.resolve(),
};

type Chunk = ReadableStreamReadResult<Uint8Array>;

/** Turns of the microtask queue after which a body at hand has shown itself. */
const TURNS = 8;

class StreamedBody implements Body {
  #stream: ReadableStream<Uint8Array>;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #lender: ReadableStreamBYOBReader | undefined;
  #buffer: ArrayBuffer | undefined;
  #seen: Uint8Array | undefined;
  #ahead: Promise<Chunk> | undefined;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#stream = stream;
  }

  async knownLength(): Promise<number | undefined> {
    this.#reader = this.#stream.getReader();
    const first = await this.#peek();
    if (!first) return undefined;
    if (first.done) return 0;
    this.#ahead = undefined;
    this.#seen = octetsIn(first.value);
    const second = await this.#peek();
    return second?.done ? first.value.length : undefined;
  }

  async read(): Promise<Uint8Array | undefined> {
    const seen = this.#seen;
    if (seen) {
      this.#seen = undefined;
      return seen;
    }
    const { value, done } = await this.#next();
    return done ? undefined : octetsIn(value);
  }

  async cancel(reason?: unknown): Promise<void> {
    const reader = this.#reader ?? this.#lender ?? this.#stream;
    await reader.cancel(reason).catch(() => {});
  }

  /** The next chunk, if it is at hand. An error waits to be read. */
  async #peek(): Promise<Chunk | undefined> {
    let seen: Chunk | undefined;
    this.#ahead = this.#reader!.read();
    this.#ahead.then((chunk) => seen = chunk, () => {});
    for (let turn = 0; turn < TURNS && !seen; turn++) await undefined;
    return seen;
  }

  #next(): Promise<Chunk> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead) return ahead;
    if (!this.#reader && !this.#lender) this.#openLender();
    return this.#lender ? this.#readLent() : this.#reader!.read();
  }

  /** A byte stream, such as a file, fills one buffer again and again. */
  #openLender(): void {
    try {
      this.#lender = this.#stream.getReader({ mode: "byob" });
      this.#buffer = new ArrayBuffer(LENT);
    } catch {
      this.#reader = this.#stream.getReader();
    }
  }

  async #readLent(): Promise<Chunk> {
    const { value, done } = await this.#lender!.read(
      new Uint8Array(this.#buffer!),
    );
    if (value) this.#buffer = value.buffer as ArrayBuffer;
    return done ? { done, value: undefined } : { done, value };
  }
}

const LENT = 256 * 1024;

/** Streams may carry anything; only octets can be sent. */
function octetsIn(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError("Cannot send a body whose chunks are not Uint8Array");
}
