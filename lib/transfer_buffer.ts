/**
 * Buffers for octets on their way between a client and the disk. Each transfer
 * has one, small at first; larger ones are faster, and have a budget: a
 * thousand slow clients must not hold a thousand of them.
 *
 * @module
 */

/** Octets of the buffer that a connection waits with; enough for most heads. */
export const FIRST_BUFFER: number = 1024;
/** Octets that every transfer may have, whatever others do. */
export const SMALL_BUFFER: number = 8 * 1024;
/** Octets to begin with, where nothing says yet how fast a transfer is. */
export const USUAL_BUFFER: number = 64 * 1024;
/** Octets past which a buffer makes hardly any transfer faster. */
export const LARGE_BUFFER: number = 256 * 1024;
/** Octets past which none is faster, be it from a disk to a client nearby. */
export const LARGEST_BUFFER: number = 512 * 1024;

/** How many first buffers are kept for connections to come. */
const MOST_SPARE = 256;

/** What all buffers above {@linkcode SMALL_BUFFER} may have together. */
export class BufferBudget {
  #left: number;
  /**
   * First buffers that nobody uses. A client that opens a connection for each
   * request would have one made and collected each time.
   */
  #spare: ArrayBuffer[] = [];

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

  /** A buffer of that length; what it holds is anybody's. */
  make(length: number): ArrayBuffer {
    const spare = length === FIRST_BUFFER ? this.#spare.pop() : undefined;
    return spare ?? new ArrayBuffer(length);
  }

  /** Keeps a buffer that nobody looks at, or frees it. */
  reuse(octets: ArrayBuffer): void {
    const isSpare = octets.byteLength === FIRST_BUFFER &&
      this.#spare.length < MOST_SPARE;
    if (isSpare) this.#spare.push(octets);
    else free(octets);
  }
}

/** What a transfer has before it has a buffer. */
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
   * Replaces it by one of another length, which holds nothing yet. Nobody may
   * look at the old one. Where the budget has no room for that it becomes a
   * shorter one: a quarter as long, or a quarter of that, and at worst a small
   * one.
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

  /** Lets others have it. Nobody may look at it any more. */
  reuse(): void {
    const octets = this.#octets;
    this.forget();
    this.#budget.reuse(octets);
  }

  /** Counts it no longer, but leaves it to those who may look at it still. */
  forget(): void {
    this.#giveBack();
    this.#octets = NONE;
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
  if (octets.byteLength > 0) octets.transfer(0);
}
