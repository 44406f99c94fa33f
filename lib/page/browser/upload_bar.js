// Shows all uploads in one bar at the bottom of the window: the total, and a
// row for each file, those with errors first.

import { element } from "./dialogs.js";
import { formatSize } from "./format.js";
import { UploadRow } from "./upload_row.js";
import { UnfinishedUploads } from "./unfinished_uploads.js";
import { words } from "./words.js";

/** How many rows of uploads that are over or wait are shown. */
const MOST_ROWS = 50;

/** The order of rows. @type {Record<import("./upload.js").State, number>} */
const ranks = {
  failed: 0,
  asking: 1,
  offline: 2,
  sending: 2,
  paused: 2,
  waiting: 3,
  done: 4,
  cancelled: 4,
};

export class UploadBar {
  #panel;
  #uploads;
  #unfinished;
  /** @type {Map<import("./upload.js").Upload, UploadRow>} */
  #rows = new Map();
  #frame = 0;
  #title = element("span", { class: "upload-title" });
  #detail = element("span", { class: "upload-sum" });
  #total = element("progress", { max: "1", "aria-label": words.upload.total });
  #toggle;
  #clear = element("button", { type: "button" }, words.upload.clear);
  #list = element("ul", { class: "uploads" });
  #rest = element("p", { class: "muted upload-rest" });

  /**
   * @param {HTMLElement} panel
   * @param {import("./uploads.js").Uploads} uploads
   */
  constructor(panel, uploads) {
    this.#panel = panel;
    this.#uploads = uploads;
    this.#toggle = element(
      "button",
      {
        type: "button",
        class: "upload-toggle icon expand",
        "aria-expanded": "true",
        "aria-controls": "upload-rows",
      },
      this.#title,
      this.#detail,
    );
    panel.className = "upload-bar";
    panel.append(
      element("div", { class: "upload-head" }, this.#toggle, this.#clear),
      this.#total,
      element(
        "div",
        { id: "upload-rows", class: "upload-rows" },
        this.#list,
        this.#rest,
      ),
    );
    this.#toggle.addEventListener(
      "click",
      () => this.#expand(this.#isCollapsed),
    );
    this.#clear.addEventListener("click", () => {
      uploads.clear();
      this.#draw();
    });
    // A phone has no room for all of them.
    if (matchMedia("(width < 40rem)").matches) this.#expand(false);
    uploads.addEventListener("change", () => this.#drawSoon());
    this.#unfinished = new UnfinishedUploads(uploads, () => this.#drawSoon());
    panel.querySelector(".upload-rows")?.prepend(this.#unfinished.element);
  }

  get #isCollapsed() {
    return this.#panel.classList.contains("collapsed");
  }

  /** @param {boolean} isExpanded */
  #expand(isExpanded) {
    this.#panel.classList.toggle("collapsed", !isExpanded);
    this.#toggle.setAttribute("aria-expanded", `${isExpanded}`);
  }

  #drawSoon() {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const all = [...this.#uploads.all];
    const isEmpty = all.length === 0 && this.#unfinished.count === 0;
    this.#panel.hidden = isEmpty;
    document.body.classList.toggle("with-uploads", !isEmpty);
    this.#drawSum(all);
    this.#drawRows(all);
  }

  /** @param {import("./upload.js").Upload[]} all */
  #drawSum(all) {
    const sum = sumOf(all);
    const { failed, open, done, sent, size, speed } = sum;
    const w = words.upload;
    this.#title.textContent = open > 0
      ? w.uploading(done + failed, all.length)
      : all.length > 0
      ? w.uploadedSome(done)
      : w.unfinished;
    const left = speed > 0 && open > 0 ? (size - sent) / speed : undefined;
    const progress = [
      `${Math.floor(sent / (size || 1) * 100)} %`,
      speed > 0 ? `${formatSize(Math.round(speed))}/s` : "",
      left === undefined ? "" : w.left(w.duration(left)),
    ].filter(Boolean).join(" · ");
    this.#detail.replaceChildren(
      failed > 0 ? element("strong", {}, w.failedSome(failed)) : "",
      failed > 0 && open > 0 ? " · " : "",
      open > 0 ? progress : "",
    );
    this.#total.value = open > 0 ? sent / (size || 1) : 1;
    this.#total.hidden = open === 0;
    this.#clear.hidden = done + failed + sum.cancelled === 0;
  }

  /** @param {import("./upload.js").Upload[]} all */
  #drawRows(all) {
    const ordered = all.map((upload, at) => ({ upload, at }))
      .sort((a, b) =>
        ranks[a.upload.state] - ranks[b.upload.state] ||
        // What was done last comes first.
        (ranks[a.upload.state] > 3 ? b.at - a.at : a.at - b.at)
      )
      .map(({ upload }) => upload);
    const busy = ordered.filter(({ state }) => ranks[state] < 3);
    const shown = ordered.slice(
      0,
      Math.max(MOST_ROWS, Math.min(busy.length, 200)),
    );
    const rows = shown.map((upload) => {
      let row = this.#rows.get(upload);
      if (!row) {
        this.#rows.set(upload, row = new UploadRow(upload, this.#uploads));
      }
      row.update();
      return row.element;
    });
    for (const upload of this.#rows.keys()) {
      if (!shown.includes(upload)) this.#rows.delete(upload);
    }
    putInOrder(this.#list, rows);
    const rest = all.length - shown.length;
    this.#rest.textContent = rest > 0 ? words.upload.moreRows(rest) : "";
  }
}

/** @param {import("./upload.js").Upload[]} all */
function sumOf(all) {
  const sum = {
    failed: 0,
    open: 0,
    done: 0,
    cancelled: 0,
    sent: 0,
    size: 0,
    speed: 0,
  };
  for (const { state, file, sent, speed } of all) {
    if (state === "cancelled") sum.cancelled++;
    else if (state === "failed") sum.failed++;
    else if (state === "done") sum.done++;
    else sum.open++;
    if (state === "cancelled" || state === "failed") continue;
    sum.size += file.size;
    sum.sent += state === "done" ? file.size : sent;
    if (state === "sending") sum.speed += speed;
  }
  return sum;
}

/**
 * Moves only what is in another place: a row that is moved loses the focus.
 *
 * @param {HTMLElement} list
 * @param {HTMLElement[]} rows
 */
function putInOrder(list, rows) {
  const wanted = new Set(rows);
  for (const row of [...list.children]) {
    if (!wanted.has(/** @type {HTMLElement} */ (row))) row.remove();
  }
  const focused = document.activeElement;
  rows.forEach((row, at) => {
    if (list.children[at] !== row) {
      list.insertBefore(row, list.children[at] ?? null);
    }
  });
  if (focused instanceof HTMLElement && list.contains(focused)) focused.focus();
}
