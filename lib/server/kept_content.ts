/**
 * Content that was read ahead of its reader: octets go in as they arrive, and
 * come out in pieces of the size that is asked for. It does not know where they
 * come from.
 *
 * @module
 */

type Octets = Uint8Array<ArrayBuffer>;

/** Octets that wait for their reader. */
export class KeptContent {
  #pieces: Octets[] = [];
  /** Wakes who waits for the next piece. */
  #more: PromiseWithResolvers<void> | undefined;
  #isComplete = false;
  #failure: unknown;
  /** How many octets were kept, including those that were taken since. */
  length = 0;

  /** Whether more may be added. */
  get isOpen(): boolean {
    return !this.#isComplete;
  }

  /** Whether nothing is left to take, and nothing will be added. */
  get isEmpty(): boolean {
    return this.#isComplete && this.#pieces.length === 0 &&
      this.#failure === undefined;
  }

  /** Keeps a copy. */
  add(octets: Uint8Array): void {
    this.#pieces.push(new Uint8Array(octets));
    this.length += octets.length;
    this.#more?.resolve();
  }

  /** Says that no more will be added, and why, if it was a failure. */
  complete(failure: unknown): void {
    this.#failure = failure;
    this.#isComplete = true;
    this.#more?.resolve();
  }

  /**
   * Takes up to `most` octets, when there are some; undefined if none are left.
   * Throws the failure, if there was one, after the octets before it.
   */
  async take(most: number): Promise<Octets | undefined> {
    while (this.#pieces.length === 0 && !this.#isComplete) {
      this.#more = Promise.withResolvers();
      await this.#more.promise;
    }
    const piece = this.#pieces.shift();
    if (!piece && this.#failure !== undefined) throw this.#failure;
    if (piece && piece.length > most) {
      this.#pieces.unshift(piece.subarray(most));
    }
    return piece?.subarray(0, most);
  }
}
