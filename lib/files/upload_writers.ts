/**
 * Lets at most one request of this process write an upload: a later one ends
 * the earlier. `upload_store.ts` does the same among processes, by locks.
 *
 * @module
 */

import { HttpError } from "../errors.ts";

/** The right to write; it ends when disposed of. */
export interface Writing extends Disposable {
  /** Passes content through until another writer takes over; then it throws. */
  guard(content: AsyncGenerator<Uint8Array>): AsyncIterable<Uint8Array>;
}

interface Writer {
  interrupt: () => void;
  ended: Promise<void>;
}

/** The current writers, by key. */
export class Writers {
  #writers = new Map<string, Writer>();

  /** Ends the writer of a key, if there is one. */
  async interrupt(key: string): Promise<void> {
    for (let writer; (writer = this.#writers.get(key));) {
      writer.interrupt();
      await writer.ended;
    }
  }

  /** Begins to write under a key that no one else is writing. */
  begin(key: string): Writing {
    const interrupted = Promise.withResolvers<never>();
    const ended = Promise.withResolvers<void>();
    interrupted.promise.catch(() => {});
    this.#writers.set(key, {
      interrupt: () => interrupted.reject(takenOver()),
      ended: ended.promise,
    });
    return {
      guard: (content) => guarded(content, interrupted.promise),
      [Symbol.dispose]: () => {
        this.#writers.delete(key);
        ended.resolve();
      },
    };
  }
}

async function* guarded(
  content: AsyncGenerator<Uint8Array>,
  interrupted: Promise<never>,
): AsyncIterable<Uint8Array> {
  for (;;) {
    const next = content.next();
    next.catch(() => {});
    const { value, done } = await Promise.race([next, interrupted])
      .catch((error) => {
        // Not awaited: a read in progress has to end first.
        content.return(undefined).catch(() => {});
        throw error;
      });
    if (done) return;
    yield value;
  }
}

function takenOver(): HttpError {
  return new HttpError(409, "Another request has taken over this upload");
}
