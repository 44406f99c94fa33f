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
  /** One for all: a client that sends octet by octet must not cost a piece each. */
  #octets: Octets = new Uint8Array(0);
  #taken = 0;
  /** Wakes who waits for the next octets. */
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
    return this.#isComplete && this.#taken === this.length &&
      this.#failure === undefined;
  }

  /** Keeps a copy. */
  add(octets: Uint8Array): void {
    const length = this.length + octets.length;
    if (length > this.#octets.length) {
      const longer = new Uint8Array(Math.max(length, 2 * this.length));
      longer.set(this.#octets);
      this.#octets = longer;
    }
    this.#octets.set(octets, this.length);
    this.length = length;
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
    while (this.#taken === this.length && !this.#isComplete) {
      this.#more = Promise.withResolvers();
      await this.#more.promise;
    }
    const from = this.#taken;
    if (from < this.length) {
      this.#taken = Math.min(from + most, this.length);
      return this.#octets.subarray(from, this.#taken);
    }
    if (this.#failure !== undefined) throw this.#failure;
    return undefined;
  }
}
