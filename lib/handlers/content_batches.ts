/**
 * Gathers the small chunks of a stream into batches of about 64 KiB. Content
 * that comes slowly is not kept waiting for more.
 *
 * @module
 */

import { concat } from "@std/bytes/concat";

/** Octets from which on a batch is full. */
export const BATCH_SIZE = 64 * 1024;

/** Milliseconds that a batch with something in it waits for more. */
export const PATIENCE = 5;

/** Chunks taken together. */
export interface Batch {
  content: Uint8Array<ArrayBuffer>;
  /** Whether the stream has ended. */
  isLast: boolean;
}

type Chunk = ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;

/** A read that was begun; `chunk` is there when it is done. */
interface Read {
  promise: Promise<Chunk>;
  chunk?: Chunk;
}

/** Turns of the microtask queue after which a chunk at hand has shown itself. */
const TURNS = 8;

/** Takes a stream in batches; its creator reads or cancels it. */
export class ContentBatches {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  /** A read that outlived the patience of its batch: the next one's first. */
  #reading?: Read;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.getReader();
  }

  /**
   * What comes within `limit` milliseconds, maybe nothing, until it is more
   * than a batch or the stream ends. Rejects when the stream errs.
   */
  async take(limit: number): Promise<Batch> {
    const chunks: Uint8Array[] = [];
    let octets = 0;
    using wait = new Wait(limit);
    while (octets <= BATCH_SIZE) {
      const read = this.#read();
      // For what is here already, a timer would cost more than the rest.
      for (let turn = 0; turn < TURNS && !read.chunk; turn++) await undefined;
      const chunk = read.chunk ?? await wait.for(read.promise);
      if (!chunk) break;
      this.#reading = undefined;
      if (chunk.done) return { content: joined(chunks), isLast: true };
      chunks.push(await this.#octets(chunk.value));
      octets += chunk.value.length;
    }
    return { content: joined(chunks), isLast: false };
  }

  /** The rest as a stream of batches, behind one that was taken before. */
  stream(taken?: Batch): ReadableStream<Uint8Array<ArrayBuffer>> {
    let batch = taken;
    return new ReadableStream({
      pull: async (controller) => {
        batch ??= await this.#next();
        // A pull that brings nothing is not asked again.
        while (batch.content.length === 0 && !batch.isLast) {
          batch = await this.#next();
        }
        if (batch.content.length > 0) controller.enqueue(batch.content);
        if (batch.isLast) controller.close();
        batch = undefined;
      },
      cancel: (reason) => this.cancel(reason),
    }, { highWaterMark: 0 });
  }

  /** Waits for something to come, then takes a batch. */
  async #next(): Promise<Batch> {
    await this.#read().promise;
    return await this.take(PATIENCE);
  }

  /** Gives the source up. */
  async cancel(reason?: unknown): Promise<void> {
    await this.#reader.cancel(reason);
  }

  #read(): Read {
    if (this.#reading) return this.#reading;
    const read: Read = { promise: this.#reader.read() };
    // Between two batches it is not awaited, and an unhandled rejection ends
    // the process. The next batch still sees it.
    read.promise.then((chunk) => read.chunk = chunk, () => {});
    return this.#reading = read;
  }

  /** A body can be a stream of anything; only its octets can be sent. */
  async #octets(chunk: unknown): Promise<Uint8Array> {
    if (chunk instanceof Uint8Array) return chunk;
    const error = new TypeError("Cannot send a chunk that is not a Uint8Array");
    await this.cancel(error);
    throw error;
  }
}

/** A time that begins to run when something is first waited for. */
class Wait implements Disposable {
  #limit: number;
  #over = Promise.withResolvers<void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param limit Milliseconds; a timer would take Infinity for 0. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What a promise brings; undefined if the time is over before. */
  async for<Value>(promise: Promise<Value>): Promise<Value | void> {
    if (this.#limit === Infinity) return await promise;
    this.#timer ??= setTimeout(this.#over.resolve, this.#limit);
    return await Promise.race([promise, this.#over.promise]);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

function joined(chunks: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return chunks.length === 1
    ? chunks[0] as Uint8Array<ArrayBuffer>
    : concat(chunks);
}
