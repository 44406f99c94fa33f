// All uploads of a page: a few run at once, and each has its own row.

import { ask, element, say } from "./dialogs.js";
import { formatSize } from "./format.js";
import { SavedUploads } from "./saved_uploads.js";
import { Upload } from "./upload.js";

/** How many run at once. */
const MOST_AT_ONCE = 3;

/**
 * The text shown for each state. @type {Record<import("./upload.js").State,
 * string>}
 */
const words = {
  waiting: "Waiting",
  sending: "",
  paused: "Paused",
  offline: "Connection lost, retrying",
  asking: "There is already a file with that name",
  failed: "Failed",
  done: "Done",
  cancelled: "Cancelled",
};

export class Uploads {
  #panel;
  #maxSize;
  #onDone;
  #savedUploads = new SavedUploads();
  /** @type {Upload[]} */
  #waiting = [];
  /** @type {Set<Upload>} */
  #running = new Set();
  /** @type {Map<Upload, HTMLLIElement>} */
  #rows = new Map();
  #rest = element("p", { class: "muted" });
  #rowsPlace = element("ul", { class: "uploads" });
  /** Questions are asked one after another. @type {Promise<unknown>} */
  #asking = Promise.resolve();
  /**
   * The answer for all other files. @type
   * {import("./upload.js").Answer["value"] | undefined}
   */
  #answerForAll;

  /**
   * @param {HTMLElement} panel where they are shown
   * @param {{ maxSize: number, onDone: (upload: Upload) => void }} options
   */
  constructor(panel, { maxSize, onDone }) {
    this.#panel = panel;
    this.#maxSize = maxSize;
    this.#onDone = onDone;
    const clear = element("button", { type: "button" }, "Clear finished");
    clear.addEventListener("click", () => this.#clear());
    panel.append(
      element("div", { class: "row" }, element("h2", {}, "Uploads"), clear),
      this.#rowsPlace,
      this.#rest,
    );
    addEventListener("beforeunload", (event) => {
      if (this.#running.size > 0) event.preventDefault();
    });
    this.#offerUnfinished();
  }

  /**
   * @param {File} file
   * @param {string} target the path of its URL
   */
  add(file, target) {
    const upload = new Upload(file, target, {
      maxSize: this.#maxSize,
      savedUploads: this.#savedUploads,
      askAboutConflict: (upload) => this.#askInTurn(upload),
    });
    this.#panel.hidden = false;
    this.#enqueue(upload);
  }

  /** @param {Upload} upload */
  #enqueue(upload) {
    upload.state = "waiting";
    this.#waiting.push(upload);
    this.#startNext();
    this.#countWaiting();
  }

  #startNext() {
    while (this.#running.size < MOST_AT_ONCE) {
      const upload = this.#waiting.shift();
      if (!upload) break;
      this.#run(upload);
    }
  }

  /** @param {Upload} upload */
  async #run(upload) {
    this.#running.add(upload);
    this.#showRow(upload);
    await upload.run();
    this.#running.delete(upload);
    if (upload.state === "done") {
      this.#onDone(upload);
      say(`Uploaded ${upload.name}`);
    } else if (upload.state === "failed") {
      say(`${upload.name}: ${upload.reason}`);
    }
    this.#startNext();
    this.#countWaiting();
    if (this.#running.size === 0) this.#answerForAll = undefined;
  }

  #countWaiting() {
    const count = this.#waiting.length;
    this.#rest.textContent = count > 0 ? `${count} more waiting.` : "";
  }

  #clear() {
    for (const [upload, row] of this.#rows) {
      if (!upload.isOver) continue;
      row.remove();
      this.#rows.delete(upload);
    }
    this.#panel.hidden = this.#rowsPlace.childElementCount === 0;
  }

  /** @param {Upload} upload */
  #showRow(upload) {
    if (this.#rows.has(upload)) return;
    const row = element("li");
    this.#rows.set(upload, row);
    this.#rowsPlace.append(row);
    const name = element("span", { class: "upload-name" });
    const bar = element("progress", { max: `${upload.file.size || 1}` });
    const detail = element("span", { class: "upload-detail" });
    /** @param {string} label @param {() => void} act */
    const button = (label, act) => {
      const made = element("button", { type: "button" }, label);
      made.addEventListener("click", act);
      return made;
    };
    const pause = button("Pause", () => upload.pause());
    const resume = button("Resume", () => this.#enqueue(upload));
    const retry = button("Retry", () => this.#enqueue(upload));
    const cancel = button("Cancel", () => upload.cancel());
    row.append(
      name,
      bar,
      detail,
      element("span", { class: "row" }, pause, resume, retry, cancel),
    );
    const update = () => {
      const { state } = upload;
      name.textContent = upload.name;
      bar.setAttribute("aria-label", `Upload of ${upload.name}`);
      bar.value = state === "done" ? bar.max : upload.sent;
      row.dataset.state = state;
      detail.textContent = detailOf(upload);
      pause.hidden = state !== "sending" && state !== "offline";
      resume.hidden = state !== "paused";
      retry.hidden = state !== "failed";
      cancel.hidden = state === "done" || state === "cancelled";
    };
    upload.addEventListener("change", update);
    update();
  }

  /** @param {Upload} upload */
  async #askInTurn(upload) {
    const turn = this.#asking.then(() => this.#askAboutConflict(upload));
    this.#asking = turn.catch(() => {});
    return { value: await turn };
  }

  /**
   * @param {Upload} upload
   * @returns {Promise<import("./upload.js").Answer["value"]>}
   */
  async #askAboutConflict({ name, target }) {
    if (this.#answerForAll) return this.#answerForAll;
    const place = decodeURIComponent(
      target.slice(0, target.lastIndexOf("/") + 1),
    );
    const { value, forAll } = await ask(
      "Replace the file?",
      `There is already a file “${name}” in ${place}.`,
      [
        { value: "replace", label: "Replace it" },
        { value: "both", label: "Keep both" },
        { value: "skip", label: "Skip", isMain: true },
      ],
      {
        forAll: this.#running.size + this.#waiting.length > 1
          ? "Do the same with all others"
          : undefined,
      },
    );
    const answer = value === "replace" || value === "both" ? value : "skip";
    if (forAll) this.#answerForAll = answer;
    return answer;
  }

  /**
   * A page cannot keep a file, but the server keeps the octets that arrived.
   */
  async #offerUnfinished() {
    for (
      const [target, { location, size }] of Object.entries(
        this.#savedUploads.all(),
      )
    ) {
      if (!target.startsWith(new URL(document.baseURI).pathname)) continue;
      const response = await fetch(location, { method: "HEAD" }).catch(() =>
        undefined
      );
      if (!response) continue;
      if (!response.ok || response.headers.get("upload-complete") === "?1") {
        this.#savedUploads.forget(target);
        continue;
      }
      const offset = Number(response.headers.get("upload-offset"));
      this.#panel.hidden = false;
      this.#rowsPlace.append(
        this.#unfinishedRow(target, location, { offset, size }),
      );
    }
  }

  /**
   * @param {string} target
   * @param {string} location
   * @param {{ offset: number, size: number }} progress
   */
  #unfinishedRow(target, location, { offset, size }) {
    const name = decodeURIComponent(target.split("/").pop() ?? "");
    const input = element("input", {
      type: "file",
      class: "heard",
      "aria-label": `Choose ${name} again`,
    });
    const choose = element(
      "button",
      { type: "button" },
      "Choose the file again to resume",
    );
    const giveUp = element("button", { type: "button" }, "Cancel upload");
    const row = element(
      "li",
      { "data-state": "paused" },
      element("span", { class: "upload-name" }, name),
      element("progress", {
        max: `${size || 1}`,
        value: `${offset}`,
        "aria-label": `Upload of ${name}`,
      }),
      element(
        "span",
        { class: "upload-detail" },
        `${formatSize(offset)} of ${formatSize(size)} uploaded.`,
      ),
      element("span", { class: "row" }, input, choose, giveUp),
    );
    choose.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      const saved = this.#savedUploads.find(target);
      if (!file) return;
      if (file.size !== saved?.size || file.lastModified !== saved.modified) {
        say(`This is not the file whose upload was begun`);
        return;
      }
      row.remove();
      this.add(file, target);
    });
    giveUp.addEventListener("click", async () => {
      await fetch(location, { method: "DELETE" }).catch(() => {});
      this.#savedUploads.forget(target);
      row.remove();
      this.#clear();
    });
    return row;
  }
}

/** @param {Upload} upload */
function detailOf(upload) {
  const { state, sent, file, speed, timeLeft, reason } = upload;
  const progress = `${formatSize(sent)} of ${formatSize(file.size)}`;
  if (state === "done") return `${formatSize(file.size)}, done`;
  if (state === "failed") return reason;
  if (state !== "sending") return `${words[state]}, ${progress}`;
  const left = timeLeft === undefined
    ? ""
    : `, ${formatDuration(timeLeft)} left`;
  return `${progress}, ${formatSize(Math.round(speed))}/s${left}`;
}

/** @param {number} seconds */
function formatDuration(seconds) {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.ceil(whole / 60)} min`;
  return `${(whole / 3600).toFixed(1)} h`;
}
