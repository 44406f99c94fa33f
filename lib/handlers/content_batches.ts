/**
 * A stream of small chunks goes in, batches of some 64 KiB come out, but what
 * comes slowly is not kept waiting for more. It does not know what is done with
 * them.
 *
 * @module
 */

import { concat } from "@std/bytes/concat";

/** Octets from which on a batch is full. */
export const batchSize = 64 * 1024;

/** Milliseconds that a batch with something in it waits for more. */
export const patience = 5;

/** Chunks taken together. */
export interface Batch {
  content: Uint8Array<ArrayBuffer>;
  /** Whether the stream has ended. */
  isLast: boolean;
}

/** Takes a stream in batches; whoever makes one reads or cancels it. */
export class ContentBatches {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  /** A read that outlived the patience of its batch: the next one's first. */
  #reading?: Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>>;

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
    const tooSlow = Promise.withResolvers<void>();
    // A timer takes Infinity for 0.
    const timer = limit === Infinity
      ? undefined
      : setTimeout(tooSlow.resolve, limit);
    try {
      while (octets <= batchSize) {
        const read = await Promise.race([this.#read(), tooSlow.promise]);
        if (!read) break;
        this.#reading = undefined;
        if (read.done) return { content: concat(chunks), isLast: true };
        chunks.push(await this.#octets(read.value));
        octets += read.value.length;
      }
    } finally {
      clearTimeout(timer);
    }
    return { content: concat(chunks), isLast: false };
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
    await this.#read();
    return await this.take(patience);
  }

  /** Gives the source up. */
  async cancel(reason?: unknown): Promise<void> {
    await this.#reader.cancel(reason);
  }

  #read(): Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>> {
    if (this.#reading === undefined) {
      this.#reading = this.#reader.read();
      // Between two batches nobody awaits it, and an unhandled rejection ends
      // the process. The next batch still sees it.
      this.#reading.catch(() => {});
    }
    return this.#reading;
  }

  /** A body can be a stream of anything; only its octets can be sent. */
  async #octets(chunk: unknown): Promise<Uint8Array> {
    if (chunk instanceof Uint8Array) return chunk;
    const error = new TypeError("Cannot send a chunk that is no Uint8Array");
    await this.cancel(error);
    throw error;
  }
}
