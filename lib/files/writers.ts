/**
 * Who writes what, in this process: a later writer of a thing ends the earlier
 * one, and waits until that has let go.
 *
 * @module
 */

import { HttpError } from "../errors.ts";

/** The time in which one writes; it ends when it is disposed of. */
export interface Turn extends Disposable {
  /** Content, until the turn is ended by another; then it throws. */
  guard(content: AsyncGenerator<Uint8Array>): AsyncIterable<Uint8Array>;
}

interface Writer {
  interrupt: () => void;
  ended: Promise<void>;
}

/** The writers of things that have a key. */
export class Writers {
  #writers = new Map<string, Writer>();

  /** Ends the one that writes a thing, if there is one. */
  async interrupt(key: string): Promise<void> {
    for (let writer; (writer = this.#writers.get(key));) {
      writer.interrupt();
      await writer.ended;
    }
  }

  /** Begins to write a thing that nobody writes. */
  begin(key: string): Turn {
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
        // Not awaited: a read that is under way has to end first.
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
