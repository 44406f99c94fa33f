// The folder that this page shows: its path, its list, what is selected, and
// what its reader may do. Every module of the page has the same one:
//
//     import { folder } from "./folder.js";
//     folder.list.addEventListener("arranged", () => draw(folder.list.shown));
//     folder.selection.addEventListener("change", …);
//
// A tile of another view is an element with `data-name` in `#entries`; with an
// `input.select` and a `button.more` in it, it is selected and has a menu as a
// row is.

import { FileList } from "./list.js";
import { Selection } from "./selection.js";

/**
 * The element that a selector finds; it must be there.
 *
 * @template {HTMLElement} T
 * @param {string} selector
 * @returns {T}
 */
export const find = (
  selector,
) => /** @type {T} */ (document.querySelector(selector));

/** @type {HTMLTableElement} */
const table = find("#files");
const selection = new Selection();

export const folder = {
  /** Its path, percent-encoded; the first page shows it at another one. */
  path: new URL(document.baseURI).pathname,
  /** The path of the served directory. */
  root: table.dataset.root ?? "/files/",
  list: new FileList(table, selection),
  selection,
  mayWrite: Boolean(table.dataset.mayWrite),
  mayDelete: Boolean(table.dataset.mayDelete),
  /** The maximum size of a file in octets. */
  maxSize: Number(table.dataset.maxSize || Infinity),

  /**
   * Moves the focus, and selects all that it passes.
   *
   * @param {() => void} move
   */
  selectAlong(move) {
    const { current } = this.list;
    if (current && selection.size === 0) selection.toggle(current.name, true);
    move();
    const { current: reached, shown } = this.list;
    if (reached) selection.extendTo(reached.name, shown);
  },

  /** The selected entries, in the order of the list. */
  get selected() {
    return this.list.shown.filter(({ name }) => selection.has(name));
  },
};
