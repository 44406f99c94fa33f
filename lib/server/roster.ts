/**
 * A set whose members store their own index.
 *
 * A `Set` would do, but for the garbage: with connections that come and go by
 * the thousand a collection took three times as long beside two of them. Most
 * likely that is because V8 makes a Set's table anew after so many changes, and
 * the old one goes on pointing to the new one, and to what was in it.
 *
 * @module
 */

/** What can be on a roster: one at a time. */
export interface Rostered {
  /** Where it is on the roster; the roster's business alone. */
  place: number;
}

/** All of a kind that there are. */
export class Roster<T extends Rostered> implements Iterable<T> {
  #all: T[] = [];

  get size(): number {
    return this.#all.length;
  }

  /** Puts something on it that is on none. */
  add(item: T): void {
    item.place = this.#all.push(item) - 1;
  }

  /** Takes something off it, unless it is not on it any more. */
  delete(item: Rostered): void {
    const { place } = item;
    if (this.#all[place] !== item) return;
    const last = this.#all.pop()!;
    if (last === item) return;
    this.#all[place] = last;
    last.place = place;
  }

  /**
   * From the last to the first: what is at hand may be taken off meanwhile. What
   * is put on then is not seen; what others take off may make one be seen twice.
   */
  *[Symbol.iterator](): Iterator<T> {
    for (let at = this.#all.length - 1; at >= 0; at--) {
      if (at < this.#all.length) yield this.#all[at];
    }
  }

  /**
   * Acts on each, in the order and with the freedom of an iteration. That would
   * make an object for each step: garbage by the megabyte where thousands are
   * visited ten times a second.
   */
  visit(act: (item: T) => void): void {
    for (let at = this.#all.length - 1; at >= 0; at--) {
      if (at < this.#all.length) act(this.#all[at]);
    }
  }
}
