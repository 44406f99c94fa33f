// Thumbnails of pictures, made in a thread of its own when their tiles come
// near the window. That thread keeps them by entity tag.

import { hrefOf } from "./format.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

/** Octets above which a picture gets none: it would be fetched for it. */
const MOST_OCTETS = 16 * 1024 * 1024;
/** How many are made at once. */
const MOST_AT_ONCE = 4;
/** Pixels around the window in which tiles are near. */
const NEAR = 300;

/** @param {ShownEntry} entry */
export function mayHaveThumbnail({ name, type, size = 0 }) {
  return type === "file" && size > 0 && size <= MOST_OCTETS &&
    /\.(?:png|jpe?g|gif|webp|avif|bmp|ico)$/i.test(name);
}

/**
 * @typedef {object} Wish
 * @property {HTMLElement} tile
 * @property {HTMLElement} place where its picture goes
 * @property {ShownEntry} entry
 */

export class Thumbnails {
  #worker = new Worker(new URL("thumbnail_worker.js", import.meta.url), {
    type: "module",
  });
  /** @type {Map<Element, Wish>} */
  #watched = new Map();
  /** Those that are near, the last one first. @type {Wish[]} */
  #wanted = [];
  /** @type {Map<number, Wish>} */
  #running = new Map();
  #id = 0;
  #observer = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      const wish = this.#watched.get(target);
      if (!wish) continue;
      if (isIntersecting) this.#wanted.push(wish);
      else this.#wanted = this.#wanted.filter((other) => other !== wish);
    }
    this.#next();
  }, { rootMargin: `${NEAR}px` });

  constructor() {
    this.#worker.onmessage = ({ data: { id, bitmap } }) => {
      const wish = this.#running.get(id);
      this.#running.delete(id);
      if (wish && bitmap && this.#watched.has(wish.tile)) show(wish, bitmap);
      else bitmap?.close();
      if (wish) this.forget(wish.tile);
      this.#next();
    };
  }

  /**
   * Shows a picture when its tile is near.
   *
   * @param {HTMLElement} tile
   * @param {HTMLElement} place
   * @param {ShownEntry} entry
   */
  watch(tile, place, entry) {
    this.#watched.set(tile, { tile, place, entry });
    this.#observer.observe(tile);
  }

  /** @param {HTMLElement} tile */
  forget(tile) {
    const wish = this.#watched.get(tile);
    if (!wish) return;
    this.#watched.delete(tile);
    this.#observer.unobserve(tile);
    this.#wanted = this.#wanted.filter((other) => other !== wish);
  }

  /** Ends it with its thread. */
  stop() {
    this.#observer.disconnect();
    this.#worker.terminate();
  }

  #next() {
    while (this.#running.size < MOST_AT_ONCE) {
      const wish = this.#wanted.shift();
      if (!wish) return;
      const id = this.#id++;
      this.#running.set(id, wish);
      const { entry } = wish;
      this.#worker.postMessage({
        id,
        url: new URL(hrefOf(entry), document.baseURI).href,
        version: entry.etag ?? `${entry.size}/${entry.modified}`,
      });
    }
  }
}

/** @param {Wish} wish @param {ImageBitmap} bitmap */
function show({ place }, bitmap) {
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
  place.replaceChildren(canvas);
  place.classList.add("shown");
}
