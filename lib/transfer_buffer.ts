/**
 * Buffers for transfers between a client and the disk. Each transfer has one,
 * small at first. Larger ones are faster, but have a budget: a thousand slow
 * clients must not hold a thousand of them.
 *
 * @module
 */

/** Octets of the buffer of a waiting connection; enough for most heads. */
export const FIRST_BUFFER: number = 1024;
/** Octets that every transfer may have, regardless of others. */
export const SMALL_BUFFER: number = 8 * 1024;
/** Octets to begin with, while the speed of a transfer is unknown. */
export const USUAL_BUFFER: number = 64 * 1024;
/** Octets past which hardly any transfer becomes faster. */
export const LARGE_BUFFER: number = 256 * 1024;
/**
 * Octets past which no transfer becomes faster, not even to a nearby client.
 */
export const LARGEST_BUFFER: number = 512 * 1024;

/** How many first buffers are kept for future connections. */
const MOST_SPARE = 256;

/** The budget of all buffers above {@linkcode SMALL_BUFFER} together. */
export class BufferBudget {
  #left: number;
  /**
   * Unused first buffers. Without them, a client that opens a connection for
   * each request would allocate one each time.
   */
  #spare: ArrayBuffer[] = [];

  constructor(octets: number) {
    this.#left = octets;
  }

  /** Takes octets from the budget, all or none. @returns whether it did. */
  take(octets: number): boolean {
    if (octets > this.#left) return false;
    this.#left -= octets;
    return true;
  }

  /** Returns octets to the budget. */
  giveBack(octets: number): void {
    this.#left += octets;
  }

  /** Returns a buffer of that length, with arbitrary content. */
  make(length: number): ArrayBuffer {
    const spare = length === FIRST_BUFFER ? this.#spare.pop() : undefined;
    return spare ?? new ArrayBuffer(length);
  }

  /** Keeps an unused buffer, or frees it. */
  reuse(octets: ArrayBuffer): void {
    const isSpare = octets.byteLength === FIRST_BUFFER &&
      this.#spare.length < MOST_SPARE;
    if (isSpare) this.#spare.push(octets);
    else free(octets);
  }
}

/** The memory of a transfer without a buffer. */
const NONE = new ArrayBuffer(0);

/** The buffer of one transfer. It has none until it is first resized. */
export class TransferBuffer {
  #budget: BufferBudget;
  #taken = 0;
  #octets = NONE;
  #length = 0;

  constructor(budget: BufferBudget) {
    this.#budget = budget;
  }

  /** The length in octets that it was made for. */
  get length(): number {
    return this.#length;
  }

  /** The memory, which the borrower owns until it is put back. */
  get octets(): ArrayBuffer {
    return this.#octets;
  }

  /** Puts back memory that a stream has transferred, as BYOB reads do. */
  set octets(octets: ArrayBuffer) {
    this.#octets = octets;
  }

  /**
   * Replaces the buffer by an empty one of another length. The old one must no
   * longer be used. If the budget has no room, the new one is shorter: a
   * quarter as long, or a quarter of that, at worst a small one.
   */
  resize(length: number): void {
    if (length === this.#length) return;
    this.#giveBack();
    while (length > SMALL_BUFFER && !this.#budget.take(length)) {
      length = Math.max(length / 4, SMALL_BUFFER);
    }
    if (length > SMALL_BUFFER) this.#taken = length;
    if (length === this.#length) return;
    this.#budget.reuse(this.#octets);
    this.#octets = this.#budget.make(length);
    this.#length = length;
  }

  /** Gives the buffer to others. It must no longer be used. */
  reuse(): void {
    const octets = this.#octets;
    this.forget();
    this.#budget.reuse(octets);
  }

  /** Stops counting the buffer, but leaves it to code that may still use it. */
  forget(): void {
    this.#giveBack();
    this.#octets = NONE;
    this.#length = 0;
  }

  /** Frees the buffer. Views of it become empty. */
  release(): void {
    const octets = this.#octets;
    this.forget();
    free(octets);
  }

  #giveBack(): void {
    this.#budget.giveBack(this.#taken);
    this.#taken = 0;
  }
}

/** Freed at once: an idle process collects garbage late. */
function free(octets: ArrayBuffer): void {
  if (octets.byteLength > 0) octets.transfer(0);
}
