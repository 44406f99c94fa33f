/**
 * Holds octets back at given places until something has been answered, as a
 * client does that asks before it sends.
 *
 * @module
 */

/** The most milliseconds that one pause takes: there may be no answer. */
const LONGEST = 1000;

/** The pauses in the octets of one connection. */
export class Pauses {
  #places: number[];
  /** How many pieces have been answered. */
  #answers = 0;
  /** The same when octets were last let through. */
  #answersBefore = 0;
  #wake = () => {};

  /** @param places Numbers of octets after which to pause, in order. */
  constructor(places: readonly number[]) {
    this.#places = [...places];
  }

  /** Says that something has been answered. */
  hear(): void {
    this.#answers++;
    this.#wake();
  }

  /** The octets, which come no further than answers allow. */
  async *hold(
    octets: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    let position = 0;
    for await (let rest of octets) {
      while (this.#places[0] <= position + rest.length) {
        const length = Math.max(0, this.#places.shift()! - position);
        if (length > 0) yield this.#letThrough(rest.subarray(0, length));
        await this.#pause();
        rest = rest.subarray(length);
        position += length;
      }
      position += rest.length;
      if (rest.length > 0) yield this.#letThrough(rest);
    }
  }

  /** Waits until nothing is answered any more. */
  async silence(): Promise<void> {
    let before: number;
    do {
      before = this.#answers;
      await this.#heard();
    } while (this.#answers > before);
  }

  #letThrough(octets: Uint8Array): Uint8Array {
    this.#answersBefore = this.#answers;
    return octets;
  }

  /** The answer may have come before the server asked for more. */
  async #pause(): Promise<void> {
    if (this.#answers <= this.#answersBefore) await this.#heard();
  }

  /** Waits for the next answer, up to a limit. */
  async #heard(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LONGEST);
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
  }
}
