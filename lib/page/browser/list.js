// The list of a directory. It starts with the rows of the page, fetches the
// rest if there are more, and renders only the visible rows.

import { arrangeIn, element } from "./element.js";
import { hrefOf, nameKey } from "./format.js";
import { complete, entryIn, rowOf, update } from "./rows.js";
import { words } from "./words.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */
/** @typedef {"name" | "size" | "modified"} SortKey */
/** @typedef {ShownEntry & { key: string, row?: HTMLTableRowElement }} Item */

/**
 * Up to this many rows are all rendered, so that the browser's search finds
 * them. A phone would need seconds for as many as a desk.
 */
const MOST_ROWS = matchMedia("(pointer: coarse)").matches ? 100 : 1000;
/** Rows rendered above and below the visible ones. */
const MARGIN = 6;

/**
 * Tells by the event `arranged` that the entries shown, or their order, have
 * changed.
 */
export class FileList extends EventTarget {
  #table;
  #body;
  #selection;
  /** @type {Map<string, Item>} */
  #items = new Map();
  /** @type {Item[]} */
  #shown = [];
  /** @type {SortKey} */
  #sort = "name";
  #isDescending = false;
  #filter = "";
  #rowHeight = 0;
  /** The entry that has the keyboard focus, in a row or a tile. */
  #current = -1;
  #above = element("tr", { "aria-hidden": "true", class: "gap" });
  #below = element("tr", { "aria-hidden": "true", class: "gap" });
  #frame = 0;
  #changes = 0;

  /**
   * @param {HTMLTableElement} table
   * @param {import("./selection.js").Selection} selection
   */
  constructor(table, selection) {
    super();
    this.#table = table;
    this.#body = table.tBodies[0];
    this.#selection = selection;
    this.#readOrder();
    selection.addEventListener("change", () => this.#markSelected());
  }

  /** Takes over the rows of the page; all actions are known by now. */
  start() {
    for (const row of this.#body.rows) {
      const item = this.#enter(entryIn(row));
      item.row = row;
      complete(row, item);
    }
    this.#arrange();
    for (const type of ["scroll", "resize"]) {
      addEventListener(type, () => this.#renderSoon(), { passive: true });
    }
    this.#table.tHead?.addEventListener(
      "click",
      (event) => this.#sortByClick(event),
    );
    // The tiles of another view stand beside the table.
    this.#table.parentElement?.addEventListener("focusin", ({ target }) => {
      const item = this.entryOf(target);
      if (item) this.#current = this.#shown.indexOf(item);
    });
  }

  /** The order of the entries. */
  get order() {
    return { key: this.#sort, isDescending: this.#isDescending };
  }

  /** The entries shown, in order. */
  get shown() {
    return this.#shown;
  }

  /** The number of all entries. */
  get total() {
    return Math.max(this.#items.size, Number(this.#table.dataset.total));
  }

  /** @param {string} name */
  get(name) {
    return this.#items.get(name);
  }

  /** @param {string} name */
  isShown(name) {
    return this.#items.has(name) && name.toLowerCase().includes(this.#filter);
  }

  /** The entry that has the keyboard focus. */
  get current() {
    return /** @type {Item | undefined} */ (this.#shown[this.#current]);
  }

  /**
   * The entry that an element belongs to, in a row or a tile.
   *
   * @param {EventTarget | null} target
   */
  entryOf(target) {
    const place = target instanceof Element
      ? target.closest("[data-name]")
      : null;
    return place instanceof HTMLElement
      ? this.#items.get(place.dataset.name ?? "")
      : undefined;
  }

  /** Fetches the entries that are not on the page. */
  async loadRest() {
    const isPart = /[?&](?:filter=[^&]|offset=[1-9])/.test(location.search);
    if (!isPart && this.#items.size >= Number(this.#table.dataset.total)) {
      return;
    }
    const response = await fetch("./?limit=999999999", {
      headers: { accept: "application/json" },
    });
    if (!response.ok) throw new Error(words.common.answered(response.status));
    /** @type {ShownEntry[]} */
    const entries = await response.json();
    for (const entry of entries) {
      if (!this.#items.has(entry.name)) this.#enter(entry);
    }
    this.#table.dataset.total = `${this.#items.size}`;
    this.#arrange();
  }

  /** @param {string} text */
  filter(text) {
    this.#filter = text.toLowerCase();
    this.#current = -1;
    this.#arrange();
  }

  /**
   * @param {SortKey} key
   * @param {boolean} isDescending
   */
  sortBy(key, isDescending) {
    this.#sort = key;
    this.#isDescending = isDescending;
    this.#tellOrder();
    for (const heading of this.#table.querySelectorAll("th")) {
      heading.removeAttribute("aria-sort");
    }
    this.#table.querySelector(`th.${key}`)?.setAttribute(
      "aria-sort",
      isDescending ? "descending" : "ascending",
    );
    this.#arrange();
  }

  /** Keeps the order in the URL and in the links that lead elsewhere. */
  #tellOrder() {
    const url = new URL(location.href);
    url.searchParams.set("sort", this.#sort);
    url.searchParams.set("order", this.#isDescending ? "desc" : "asc");
    if (this.#query === "") {
      url.searchParams.delete("sort");
      url.searchParams.delete("order");
    }
    history.replaceState(history.state, "", url);
    document.querySelector(".skip")?.setAttribute(
      "href",
      `${url.pathname}${url.search}#content`,
    );
    for (const link of document.querySelectorAll(".crumbs a, #up")) {
      const href = link.getAttribute("href") ?? "";
      link.setAttribute("href", href.replace(/\?.*|$/, this.#query));
    }
  }

  /**
   * Adds an entry, or replaces the one with its name.
   *
   * @param {ShownEntry} entry
   */
  put(entry) {
    this.putAll([entry]);
  }

  /** @param {readonly ShownEntry[]} entries */
  putAll(entries) {
    for (const entry of entries) this.#enter(entry);
    this.#changed();
  }

  /** @param {string} name */
  remove(name) {
    this.removeAll([name]);
  }

  /** @param {readonly string[]} names */
  removeAll(names) {
    if (names.length === 0) return;
    for (const name of names) this.#items.delete(name);
    this.#changed();
  }

  /**
   * Gives an entry another name.
   *
   * @param {string} name
   * @param {string} newName
   */
  rename(name, newName) {
    const item = this.#items.get(name);
    if (!item) return;
    this.#items.delete(name);
    const { row: _, ...entry } = item;
    this.#enter({ ...entry, name: newName });
    if (this.#selection.has(name)) this.#selection.toggle(newName, true);
    this.#changed();
  }

  /**
   * Shows these and no others; what stays the same keeps its row.
   *
   * @param {readonly ShownEntry[]} entries
   */
  replaceAll(entries) {
    const names = new Set(entries.map(({ name }) => name));
    let isChanged = false;
    for (const name of this.#items.keys()) {
      if (names.has(name)) continue;
      this.#items.delete(name);
      isChanged = true;
    }
    for (const entry of entries) {
      if (isSame(this.#items.get(entry.name), entry)) continue;
      this.#enter(entry);
      isChanged = true;
    }
    if (isChanged) this.#changed();
  }

  /** How often the entries have been changed. */
  get changes() {
    return this.#changes;
  }

  #changed() {
    this.#changes++;
    this.#table.dataset.total = `${this.#items.size}`;
    this.#arrange();
  }

  /**
   * Moves the keyboard focus to a row.
   *
   * @param {number} index
   */
  focusRow(index) {
    if (this.#shown.length === 0) return;
    const at = Math.max(0, Math.min(index, this.#shown.length - 1));
    this.#current = at;
    if (!this.#shown[at].row?.isConnected) {
      const top = this.#body.getBoundingClientRect().top + scrollY;
      scrollTo({
        top: top + at * this.#rowHeight - innerHeight / 2,
        behavior: "instant",
      });
      this.#render();
    }
    const link = this.#shown[at].row?.querySelector("a");
    link?.focus();
    link?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} step */
  moveFocus(step) {
    this.focusRow(this.#current + step);
  }

  /** @param {ShownEntry} entry */
  #enter(entry) {
    /** @type {Item} */
    const item = { ...entry, key: nameKey(entry.name) };
    const { row } = this.#items.get(entry.name) ?? {};
    // A row stays what it is, so that its menu and its focus stay.
    if (row && this.#items.get(entry.name)?.type === entry.type) {
      item.row = row;
      update(row, entry);
    }
    this.#items.set(entry.name, item);
    return item;
  }

  #readOrder() {
    const heading = this.#table.querySelector("th[aria-sort]");
    const link = heading?.querySelector("a");
    this.#sort = /** @type {SortKey} */ (link?.dataset.sort ?? "name");
    this.#isDescending = heading?.getAttribute("aria-sort") === "descending";
  }

  /** @param {Event} event */
  #sortByClick(event) {
    const link = event.target instanceof Element
      ? event.target.closest("a[data-sort]")
      : null;
    if (!(link instanceof HTMLElement)) return;
    event.preventDefault();
    const key = /** @type {SortKey} */ (link.dataset.sort);
    this.sortBy(key, key === this.#sort && !this.#isDescending);
  }

  /** Filters and sorts again. */
  #arrange() {
    const current = this.current;
    this.#shown = [...this.#items.values()]
      .filter(({ name }) => name.toLowerCase().includes(this.#filter));
    const sign = this.#isDescending ? -1 : 1;
    const sort = this.#sort;
    this.#shown.sort((a, b) =>
      compare(a.type, b.type) ||
      sign * (sort === "name" ? 0 : compare(a[sort] ?? 0, b[sort] ?? 0)) ||
      sign * compare(a.key, b.key)
    );
    this.#current = current ? this.#shown.indexOf(current) : -1;
    this.#table.setAttribute("aria-rowcount", `${this.#shown.length + 1}`);
    this.#render();
    this.dispatchEvent(new Event("arranged"));
  }

  #renderSoon() {
    if (this.#shown.length <= MOST_ROWS) return;
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#render());
  }

  /** Renders the visible rows, and gaps for all others. */
  #render() {
    const [from, to] = this.#visible();
    const focused = document.activeElement;
    const rows = this.#shown.slice(from, to).map((item, at) => {
      item.row ??= rowOf(item);
      item.row.setAttribute("aria-rowindex", `${from + at + 2}`);
      this.#mark(item.row, item);
      return item.row;
    });
    this.#above.style.height = `${from * this.#rowHeight}px`;
    this.#below.style.height = `${
      (this.#shown.length - to) * this.#rowHeight
    }px`;
    this.#above.hidden = from === 0;
    this.#below.hidden = to === this.#shown.length;
    arrangeIn(this.#body, [this.#above, ...rows, this.#below]);
    // Moving a row takes the focus from it.
    if (
      focused instanceof HTMLElement && focused.isConnected &&
      focused !== document.activeElement
    ) {
      focused.focus({ preventScroll: true });
    }
  }

  #markSelected() {
    for (const item of this.#shown) if (item.row) this.#mark(item.row, item);
  }

  /**
   * Shows in a row whether it is selected, and where it leads.
   *
   * @param {HTMLTableRowElement} row
   * @param {Item} item
   */
  #mark(row, item) {
    const isSelected = this.#selection.has(item.name);
    row.classList.toggle("selected", isSelected);
    const box = row.querySelector("input");
    if (box) box.checked = isSelected;
    if (item.type === "file") return;
    const link = row.querySelector("a");
    if (link) link.href = hrefOf(item) + this.#query;
  }

  /** The order, for the links to other folders. */
  get #query() {
    if (this.#sort === "name" && !this.#isDescending) return "";
    return `?sort=${this.#sort}&order=${this.#isDescending ? "desc" : "asc"}`;
  }

  /** @returns {[from: number, to: number]} */
  #visible() {
    const count = this.#shown.length;
    if (count <= MOST_ROWS) return [0, count];
    this.#rowHeight ||= this.#body.querySelector("tr:not(.gap)")
      ?.getBoundingClientRect().height ?? 40;
    const top = this.#body.getBoundingClientRect().top;
    const first = Math.floor(-top / this.#rowHeight);
    const from = Math.max(0, Math.min(first, count) - MARGIN);
    const most = Math.ceil(innerHeight / this.#rowHeight) + 2 * MARGIN;
    return [from, Math.min(count, from + most)];
  }
}

/**
 * @template {string | number} T
 * @param {T} a
 * @param {T} b
 */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * @param {ShownEntry | undefined} one
 * @param {ShownEntry} other
 */
function isSame(one, other) {
  return one?.type === other.type && one.size === other.size &&
    one.modified === other.modified && one.etag === other.etag;
}
