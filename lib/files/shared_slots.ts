/**
 * Slots for one kind of work below an open directory, whichever of its handlers
 * does it. Nobody waits for one: a request that finds none free is refused.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { Slots } from "../slots.ts";

/** The slots of each directory. */
export class SharedSlots {
  readonly #slots = new WeakMap<object, Slots>();
  readonly #count: number;
  readonly #refusal: { message: string; retryAfter: number };

  /**
   * @param count How many each directory has.
   * @param refusal What the 503 says, and after how many seconds to try again.
   */
  constructor(
    count: number,
    refusal: { message: string; retryAfter: number },
  ) {
    this.#count = count;
    this.#refusal = refusal;
  }

  /**
   * Takes a slot, which the caller disposes of. Throws an
   * {@linkcode HttpError} with 503 if none is free.
   */
  take(directory: object): Disposable {
    let slots = this.#slots.get(directory);
    if (slots === undefined) {
      slots = new Slots(this.#count);
      this.#slots.set(directory, slots);
    }
    const slot = slots.takeFree();
    if (slot) return slot;
    const { message, retryAfter } = this.#refusal;
    throw new HttpError(503, message, {
      headers: { "retry-after": `${retryAfter}` },
    });
  }
}
