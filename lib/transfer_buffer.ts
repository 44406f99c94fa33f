/**
 * Buffers for octets on their way between a client and the disk. Each transfer
 * has one, small at first; larger ones are faster, and have a budget: a
 * thousand slow clients must not hold a thousand of them.
 *
 * @module
 */

/** Octets that every transfer may have, whatever others do. */
export const SMALL_BUFFER: number = 8 * 1024;
/** Octets to begin with, where nothing says yet how fast a transfer is. */
export const USUAL_BUFFER: number = 64 * 1024;
/** Octets past which a buffer makes no transfer faster. */
export const LARGE_BUFFER: number = 256 * 1024;

/** What all buffers above {@linkcode SMALL_BUFFER} may have together. */
export class BufferBudget {
  #left: number;

  constructor(octets: number) {
    this.#left = octets;
  }

  /** Takes octets from the budget, all or none. @returns whether it has. */
  take(octets: number): boolean {
    if (octets > this.#left) return false;
    this.#left -= octets;
    return true;
  }

  /** Gives back what was taken. */
  giveBack(octets: number): void {
    this.#left += octets;
  }
}

/** The buffer of one transfer. It has none until it is first resized. */
export class TransferBuffer {
  #budget: BufferBudget;
  #taken = 0;
  #octets = new ArrayBuffer(0);
  #length = 0;

  constructor(budget: BufferBudget) {
    this.#budget = budget;
  }

  /** How many octets it was made for. */
  get length(): number {
    return this.#length;
  }

  /** The memory, which is the borrower's until it is put back. */
  get octets(): ArrayBuffer {
    return this.#octets;
  }

  /** Puts back memory that a stream has passed on, as BYOB reads do. */
  set octets(octets: ArrayBuffer) {
    this.#octets = octets;
  }

  /**
   * Replaces it by one of another length, whose octets are zero. Where the
   * budget has no room for that it becomes a shorter one: a quarter as long, or
   * a quarter of that, and at worst a small one.
   */
  resize(length: number): void {
    if (length === this.#length) return;
    this.#giveBack();
    while (length > SMALL_BUFFER && !this.#budget.take(length)) {
      length = Math.max(length / 4, SMALL_BUFFER);
    }
    if (length > SMALL_BUFFER) this.#taken = length;
    if (length === this.#length) return;
    free(this.#octets);
    this.#octets = new ArrayBuffer(length);
    this.#length = length;
  }

  /** Counts it no longer, but leaves it to those who may look at it still. */
  forget(): void {
    this.#giveBack();
    this.#octets = new ArrayBuffer(0);
    this.#length = 0;
  }

  /** Frees it. A view of it that somebody kept has no octets any more. */
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

/** At once: garbage is collected late, where a process has nothing to do. */
function free(octets: ArrayBuffer): void {
  if (!octets.detached) octets.transfer(0);
}
