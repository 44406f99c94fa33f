// Which entries of a list are selected. It hears of no clicks; it tells of each
// change by the event `change`.

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

export class Selection extends EventTarget {
  /** @type {Set<string>} */
  #names = new Set();
  /** Where a range begins. @type {string | undefined} */
  #anchor;

  /** How many are selected. */
  get size() {
    return this.#names.size;
  }

  /** @param {string} name */
  has(name) {
    return this.#names.has(name);
  }

  /** @returns {string[]} */
  get names() {
    return [...this.#names];
  }

  /**
   * Selects an entry, or no longer.
   *
   * @param {string} name
   * @param {boolean} [isSelected] default: the other way round
   */
  toggle(name, isSelected = !this.#names.has(name)) {
    if (isSelected) this.#names.add(name);
    else this.#names.delete(name);
    this.#anchor = name;
    this.#tell();
  }

  /**
   * Selects from the last one that was chosen up to this one.
   *
   * @param {string} name
   * @param {readonly ShownEntry[]} shown in their order
   */
  extendTo(name, shown) {
    const names = shown.map((entry) => entry.name);
    const to = names.indexOf(name);
    const from = this.#anchor === undefined ? to : names.indexOf(this.#anchor);
    if (to < 0) return;
    const [first, last] = from < 0
      ? [to, to]
      : [from, to].sort((a, b) => a - b);
    for (const each of names.slice(first, last + 1)) this.#names.add(each);
    this.#anchor ??= name;
    this.#tell();
  }

  /** @param {Iterable<string>} names */
  set(names) {
    this.#names = new Set(names);
    this.#tell();
  }

  clear() {
    this.#anchor = undefined;
    if (this.#names.size === 0) return;
    this.#names.clear();
    this.#tell();
  }

  /**
   * Keeps those that are there.
   *
   * @param {(name: string) => boolean} isThere
   */
  keep(isThere) {
    const left = this.names.filter(isThere);
    if (left.length < this.#names.size) this.set(left);
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
