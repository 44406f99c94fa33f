// The row of an upload: its name, how far it is, and what can be done with it.

import { element } from "./dialogs.js";
import { formatSize } from "./format.js";
import { words } from "./words.js";

export class UploadRow {
  element = element("li");
  #upload;
  #name = element("span", { class: "upload-name", dir: "auto" });
  #bar;
  #detail = element("span", { class: "upload-detail" });
  #buttons;

  /**
   * @param {import("./upload.js").Upload} upload
   * @param {import("./uploads.js").Uploads} uploads
   */
  constructor(upload, uploads) {
    this.#upload = upload;
    this.#bar = element("progress", { max: `${upload.file.size || 1}` });
    const w = words.upload;
    this.#buttons = {
      pause: button(w.pause, () => upload.pause()),
      resume: button(w.resume, () => uploads.resume(upload)),
      retry: button(w.retry, () => uploads.resume(upload)),
      cancel: button(words.common.cancel, () => uploads.cancel(upload)),
    };
    this.element.append(
      this.#name,
      this.#bar,
      this.#detail,
      element("span", { class: "row" }, ...Object.values(this.#buttons)),
    );
  }

  /** Shows how things are now. */
  update() {
    const { state, name, sent, canRetry } = this.#upload;
    const { pause, resume, retry, cancel } = this.#buttons;
    if (this.#name.textContent !== name) {
      this.#name.textContent = name;
      this.#name.title = name;
      this.#bar.setAttribute("aria-label", words.upload.uploadOf(name));
    }
    const isOver = state === "done" || state === "cancelled" ||
      state === "failed";
    this.#bar.value = state === "done" ? this.#bar.max : sent;
    this.#bar.hidden = isOver;
    this.element.dataset.state = state;
    this.#detail.textContent = detailOf(this.#upload);
    pause.hidden = state !== "sending" && state !== "offline";
    resume.hidden = state !== "paused";
    retry.hidden = state !== "failed" || !canRetry;
    cancel.hidden = isOver;
  }
}

/** @param {string} label @param {() => void} act */
function button(label, act) {
  const made = element("button", { type: "button" }, label);
  made.addEventListener("click", act);
  return made;
}

/** @param {import("./upload.js").Upload} upload */
function detailOf({ state, sent, file, speed, timeLeft, reason }) {
  const w = words.upload;
  const progress = w.partOf(formatSize(sent), formatSize(file.size));
  if (state === "done") return w.doneOf(formatSize(file.size));
  if (state === "failed") return reason;
  if (state === "waiting") {
    return `${w.states.waiting}, ${formatSize(file.size)}`;
  }
  if (state !== "sending") return `${w.states[state]}, ${progress}`;
  const left = timeLeft === undefined
    ? ""
    : `, ${w.left(words.upload.duration(timeLeft))}`;
  return `${progress}, ${formatSize(Math.round(speed))}/s${left}`;
}
