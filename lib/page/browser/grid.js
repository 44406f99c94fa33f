// The entries of a folder as tiles with thumbnails: only those near the window
// are rendered. A picture is asked for when its tile comes near, and given up
// when the tile is gone.

import { arrangeIn, element } from "./element.js";
import { find, folder } from "./folder.js";
import { formatSize, hrefOf, kindOf } from "./format.js";
import { checkOf, moreButton } from "./rows.js";
import { mayHaveThumbnail, Thumbnails } from "./thumbnails.js";
import { words } from "./words.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

/** Rows of tiles rendered above and below the visible ones. */
const MARGIN = 2;

export class Grid {
  #place = element("div", {
    id: "grid",
    role: "list",
    "aria-label": words.preview.grid,
  });
  #above = element("div", { class: "gap", "aria-hidden": "true" });
  #below = element("div", { class: "gap", "aria-hidden": "true" });
  #thumbnails = new Thumbnails();
  /** @type {Map<string, { tile: HTMLElement, version: string, index: number }>} */
  #tiles = new Map();
  #frame = 0;
  /** Tiles in a row, and the height (px) of one with the gap below it. */
  #columns = 1;
  #height = 0;
  #stop = new AbortController();
  #open;

  /**
   * @param {(entry: ShownEntry) => void} open what a click on a file does
   */
  constructor(open) {
    this.#open = open;
    find("#entries").append(this.#place);
    const { signal } = this.#stop;
    for (const type of ["scroll", "resize"]) {
      addEventListener(type, () => this.#renderSoon(), {
        passive: true,
        signal,
      });
    }
    folder.list.addEventListener("arranged", () => this.#renderSoon(), {
      signal,
    });
    folder.selection.addEventListener("change", () => this.#markSelected(), {
      signal,
    });
    this.#place.addEventListener("click", (event) => this.#click(event));
    this.#place.addEventListener("keydown", (event) => this.#move(event));
    this.#render();
  }

  /** Takes it out of the page. */
  remove() {
    this.#stop.abort();
    cancelAnimationFrame(this.#frame);
    this.#thumbnails.stop();
    this.#place.remove();
  }

  #renderSoon() {
    this.#frame ||= requestAnimationFrame(() => this.#render());
  }

  #render() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { shown } = folder.list;
    this.#measure();
    const rows = Math.ceil(shown.length / this.#columns);
    const [first, last] = this.#visible(rows);
    const from = first * this.#columns;
    const wanted = shown.slice(from, last * this.#columns);
    const names = new Set(wanted.map(({ name }) => name));
    const focused = document.activeElement;
    for (const [name, { tile }] of this.#tiles) {
      // One that has the focus stays: it may be scrolled out of sight.
      if (names.has(name) || tile.contains(focused)) continue;
      this.#thumbnails.forget(tile);
      this.#tiles.delete(name);
      tile.remove();
    }
    this.#above.style.height = `${first * this.#height}px`;
    this.#below.style.height = `${(rows - last) * this.#height}px`;
    const tiles = wanted.map((entry, at) => this.#tileOf(entry, from + at));
    arrangeIn(this.#place, [this.#above, ...tiles, this.#below]);
    if (focused instanceof HTMLElement && this.#place.contains(focused)) {
      focused.focus({ preventScroll: true });
    }
  }

  #measure() {
    const { gridTemplateColumns, rowGap } = getComputedStyle(this.#place);
    this.#columns = gridTemplateColumns.split(" ").length;
    const tile = this.#place.querySelector(".tile");
    const height = tile?.getBoundingClientRect().height;
    if (height) this.#height = height + parseFloat(rowGap);
    else this.#height ||= 220;
  }

  /**
   * @param {number} rows
   * @returns {[from: number, to: number]}
   */
  #visible(rows) {
    const top = this.#place.getBoundingClientRect().top;
    const first = Math.floor(-top / this.#height) - MARGIN;
    const from = Math.max(0, Math.min(first, rows));
    const most = Math.ceil(innerHeight / this.#height) + 2 * MARGIN + 1;
    return [from, Math.min(rows, from + most)];
  }

  /** @param {ShownEntry} entry @param {number} index */
  #tileOf(entry, index) {
    const version = `${entry.type}/${entry.size}/${
      entry.etag ?? entry.modified
    }`;
    const known = this.#tiles.get(entry.name);
    let tile = known?.tile;
    if (!tile || known?.version !== version) {
      if (tile) this.#thumbnails.forget(tile);
      tile = this.#newTile(entry);
    }
    this.#tiles.set(entry.name, { tile, version, index });
    tile.setAttribute("aria-posinset", `${index + 1}`);
    tile.setAttribute("aria-setsize", `${folder.list.shown.length}`);
    return tile;
  }

  /** @param {ShownEntry} entry */
  #newTile(entry) {
    const { name, type, size } = entry;
    const picture = element("span", {
      class: `tile-picture icon ${kindOf(entry)}`,
      "aria-hidden": "true",
    });
    const box = checkOf(name);
    box.checked = folder.selection.has(name);
    const tile = element(
      "div",
      {
        class: "tile",
        role: "listitem",
        "data-name": name,
        "data-type": type,
        "aria-selected": undefined,
      },
      element(
        "a",
        {
          href: hrefOf(entry),
          class: "tile-link",
          title: name,
          draggable: "false",
        },
        picture,
        element("bdi", { class: "tile-name" }, name),
      ),
      element(
        "span",
        { class: "tile-foot muted" },
        type === "directory" ? words.preview.folder : formatSize(size),
      ),
      element("label", { class: "tile-check" }, box),
      moreButton(name),
    );
    tile.classList.toggle("selected", box.checked);
    if (mayHaveThumbnail(entry)) this.#thumbnails.watch(tile, picture, entry);
    return tile;
  }

  #markSelected() {
    for (const [name, { tile }] of this.#tiles) {
      const isSelected = folder.selection.has(name);
      tile.classList.toggle("selected", isSelected);
      const box = tile.querySelector("input");
      if (box) box.checked = isSelected;
    }
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const { target, ctrlKey, metaKey, shiftKey, altKey } = event;
    if (ctrlKey || metaKey || shiftKey || altKey || event.defaultPrevented) {
      return;
    }
    const link = target instanceof Element
      ? target.closest(".tile-link")
      : null;
    const entry = link && folder.list.entryOf(link);
    if (!entry || entry.type !== "file") return;
    event.preventDefault();
    this.#open(entry);
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { target, key } = event;
    const tile = target instanceof Element ? target.closest(".tile") : null;
    if (!(tile instanceof HTMLElement)) return;
    const { index } = this.#tiles.get(tile.dataset.name ?? "") ?? { index: 0 };
    const to = {
      ArrowLeft: index - 1,
      ArrowRight: index + 1,
      ArrowUp: index - this.#columns,
      ArrowDown: index + this.#columns,
      Home: 0,
      End: folder.list.shown.length - 1,
    }[key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.shiftKey) folder.selectAlong(() => this.focusTile(to));
    else this.focusTile(to);
  }

  /** @param {number} index */
  focusTile(index) {
    const entry = folder.list.shown[index];
    if (!entry) return;
    if (!this.#tiles.get(entry.name)?.tile.isConnected) {
      const top = this.#place.getBoundingClientRect().top + scrollY;
      const row = Math.floor(index / this.#columns);
      scrollTo({
        top: top + row * this.#height - innerHeight / 2,
        behavior: "instant",
      });
      this.#render();
    }
    const link = this.#tiles.get(entry.name)?.tile.querySelector("a");
    link?.focus({ preventScroll: true });
    link?.scrollIntoView({ block: "nearest" });
  }
}
