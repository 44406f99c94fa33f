// The list of a directory. It starts with the rows of the page, fetches the
// rest if there are more, and renders only the visible rows.

import { element } from "./dialogs.js";
import { formatSize, hrefOf, kindOf, nameKey, timeFormat } from "./format.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */
/** @typedef {"name" | "size" | "modified"} SortKey */
/** @typedef {ShownEntry & { key: string, row?: HTMLTableRowElement }} Item */

/**
 * Up to this many rows are all rendered, so that the browser's search finds
 * them.
 */
const MOST_ROWS = 1000;
/** Rows rendered above and below the visible ones. */
const MARGIN = 20;

const formatTime = timeFormat();

export class FileList extends EventTarget {
  #table;
  #body;
  /** @type {Map<string, Item>} */
  #items = new Map();
  /** @type {Item[]} */
  #shown = [];
  /** @type {SortKey} */
  #sort = "name";
  #isDescending = false;
  #filter = "";
  #rowHeight = 0;
  /** The row that has the keyboard focus. */
  #current = -1;
  #above = element("tr", { "aria-hidden": "true", class: "gap" });
  #below = element("tr", { "aria-hidden": "true", class: "gap" });
  #frame = 0;

  /** @param {HTMLTableElement} table */
  constructor(table) {
    super();
    this.#table = table;
    this.#body = table.tBodies[0];
    for (const row of this.#body.rows) this.#adopt(row);
    this.#readOrder();
    this.#arrange();
    for (const type of ["scroll", "resize"]) {
      addEventListener(type, () => this.#renderSoon(), { passive: true });
    }
    table.tHead?.addEventListener("click", (event) => this.#sortByClick(event));
    this.#body.addEventListener("focusin", ({ target }) => {
      const row = target instanceof Element ? target.closest("tr") : null;
      this.#current = this.#shown.findIndex((item) => item.row === row);
    });
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

  /** The entry that has the keyboard focus. */
  get current() {
    return /** @type {Item | undefined} */ (this.#shown[this.#current]);
  }

  /**
   * The entry that an element belongs to.
   *
   * @param {EventTarget | null} target
   */
  entryOf(target) {
    const row = target instanceof Element ? target.closest("tr") : null;
    return this.#shown.find((item) =>
      item.row !== undefined && item.row === row
    );
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
    if (!response.ok) throw new Error(`The server answered ${response.status}`);
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
    for (const heading of this.#table.querySelectorAll("th")) {
      heading.removeAttribute("aria-sort");
    }
    this.#table.querySelector(`th.${key}`)?.setAttribute(
      "aria-sort",
      isDescending ? "descending" : "ascending",
    );
    this.#arrange();
  }

  /**
   * Adds an entry, or replaces the one with its name.
   *
   * @param {ShownEntry} entry
   */
  put(entry) {
    this.#enter(entry);
    this.#table.dataset.total = `${this.#items.size}`;
    this.#arrange();
  }

  /** @param {string} name */
  remove(name) {
    this.#items.delete(name);
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

  /** @param {HTMLTableRowElement} row */
  #adopt(row) {
    const { name = "", type, size, modified } = row.dataset;
    const item = this.#enter({
      name,
      type: type === "directory" ? "directory" : "file",
      size: size ? Number(size) : undefined,
      modified: modified || undefined,
    });
    item.row = row;
    const time = row.querySelector("time");
    if (time) time.textContent = formatTime(item.modified);
    row.querySelector(".actions")?.append(...actionsOf(item, this.#table));
  }

  /**
   * @param {ShownEntry} entry
   * @returns {Item}
   */
  #enter(entry) {
    const item = { ...entry, key: nameKey(entry.name) };
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
      item.row ??= rowOf(item, this.#table);
      item.row.setAttribute("aria-rowindex", `${from + at + 2}`);
      return item.row;
    });
    this.#above.style.height = `${from * this.#rowHeight}px`;
    this.#below.style.height = `${
      (this.#shown.length - to) * this.#rowHeight
    }px`;
    this.#above.hidden = from === 0;
    this.#below.hidden = to === this.#shown.length;
    this.#body.replaceChildren(this.#above, ...rows, this.#below);
    // Moving a row takes the focus from it.
    if (focused instanceof HTMLElement && focused.isConnected) {
      focused.focus({ preventScroll: true });
    }
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
 * @param {ShownEntry} entry
 * @param {HTMLTableElement} table
 */
function rowOf(entry, table) {
  const { name, type, size, modified } = entry;
  const href = hrefOf(entry);
  const actions = element("td", { class: "actions" });
  if (type === "file") {
    actions.append(element("a", {
      class: "action download",
      href: `${href}?download`,
      "aria-label": `Download ${name}`,
      title: "Download",
    }));
  }
  actions.append(...actionsOf(entry, table));
  return element(
    "tr",
    {},
    element(
      "td",
      { class: "name" },
      element("a", { href, class: `icon ${kindOf(entry)}`, title: name }, name),
    ),
    element("td", { class: "size" }, formatSize(size)),
    element(
      "td",
      { class: "modified" },
      element("time", { datetime: modified }, formatTime(modified)),
    ),
    actions,
  );
}

/**
 * The buttons that need a script.
 *
 * @param {ShownEntry} entry
 * @param {HTMLTableElement} table
 */
function actionsOf({ name, type }, table) {
  /**
   * @param {string} action
   * @param {string} label
   */
  const button = (action, label) =>
    element("button", {
      type: "button",
      class: `action ${action}`,
      "data-action": action,
      "aria-label": `${label} ${name}`,
      title: label,
    });
  const isFile = type === "file";
  return [
    ...(isFile ? [button("preview", "Preview")] : []),
    button("copy", "Copy the link to"),
    ...(table.dataset.mayDelete ? [button("delete", "Delete")] : []),
  ];
}
