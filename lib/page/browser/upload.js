// Uploads one file by a resumable upload (draft-ietf-httpbis-resumable-upload):
// creates the upload, then sends it in parts. Parts that have arrived are kept
// when the connection, the server or this page goes away.

import { wantsProblem } from "./dialogs.js";
import { formatSize } from "./format.js";
import {
  anotherName,
  existingAt,
  mayRetry,
  Refusal,
  refusalOf,
} from "./upload_refusals.js";
import { words } from "./words.js";

/** Octets in one request; a broken connection loses less than that. */
const PART_SIZE = 16 * 1024 * 1024;
/** Milliseconds until a lost connection is retried, at first and at most. */
const patience = { first: 500, most: 15_000 };
/** Milliseconds over which the speed is measured. */
const SPEED_WINDOW = 5000;
/** How many names are tried for a file that is kept beside another one. */
const MOST_NAMES = 100;

/** @typedef {"waiting" | "sending" | "paused" | "offline" | "asking" | "failed" | "done" | "cancelled"} State */
/** @typedef {import("./upload_refusals.js").Existing} Existing */
/** @typedef {{ value: "replace" | "both" | "skip" }} Answer */

/** The connection was lost, or aborted by the page. */
class Interruption extends Error {}

export class Upload extends EventTarget {
  /** @type {State} */
  state = "waiting";
  /** Octets that have arrived or are being sent. */
  sent = 0;
  /** Why it failed. */
  reason = "";
  /** Whether trying once more may help. */
  canRetry = false;
  #file;
  #target;
  #maxSize;
  #savedUploads;
  #askAboutConflict;
  /** @type {string | undefined} */
  #location;
  /** Octets that have arrived. */
  #offset = 0;
  #isComplete = false;
  /**
   * The precondition for it to become a file. @type {Record<string, string>}
   */
  #condition = { "if-none-match": "*" };
  /** @type {XMLHttpRequest | undefined} */
  #request;
  /** How many names were tried, if both files are to be kept. */
  #names = 0;
  /** @type {(() => void) | undefined} */
  #wake;
  /** @type {{ at: number, sent: number }[]} */
  #samples = [];

  /**
   * @param {File} file
   * @param {string} target the path of its URL
   * @param {object} options
   * @param {number} options.maxSize
   * @param {import("./saved_uploads.js").SavedUploads} options.savedUploads
   * @param {(upload: Upload, existing: Existing | undefined) => Promise<Answer>} options.askAboutConflict what is to be done, and with which file in its place
   */
  constructor(file, target, { maxSize, savedUploads, askAboutConflict }) {
    super();
    this.#file = file;
    this.#target = target;
    this.#maxSize = maxSize;
    this.#savedUploads = savedUploads;
    this.#askAboutConflict = askAboutConflict;
  }

  get file() {
    return this.#file;
  }

  /** The path of its URL; it changes if the user keeps both files. */
  get target() {
    return this.#target;
  }

  get name() {
    return decodeURIComponent(this.#target.split("/").pop() ?? "");
  }

  /** Recent speed in octets per second. */
  get speed() {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!last || last.at === first.at) return 0;
    return (last.sent - first.sent) / (last.at - first.at) * 1000;
  }

  /** Seconds left at this speed. */
  get timeLeft() {
    return this.speed > 0
      ? (this.#file.size - this.sent) / this.speed
      : undefined;
  }

  get isOver() {
    return this.state === "done" || this.state === "cancelled" ||
      this.state === "failed";
  }

  /**
   * Fails if the file is too large.
   *
   * @returns {boolean} whether it does
   */
  refuse() {
    if (this.#file.size <= this.#maxSize) return false;
    this.#fail(words.upload.tooLarge(formatSize(this.#maxSize)));
    return true;
  }

  /** Sends the file. Fulfilled when it is over or paused. */
  async run() {
    this.#remember();
    try {
      while (!await this.#attempt());
    } catch (error) {
      if (this.state !== "cancelled") {
        const { message } = error instanceof Error ? error : { message: "" };
        this.#fail(message || `${error}`, {
          canRetry: !(error instanceof Refusal) || mayRetry(error.status),
        });
      }
    }
  }

  /** Pauses the upload; it can be resumed. */
  pause() {
    if (this.state !== "sending" && this.state !== "offline") return;
    this.#move("paused");
    this.#stop();
  }

  /** Cancels the upload, here and on the server. */
  async cancel() {
    if (this.isOver && this.state !== "failed") return;
    this.#move("cancelled");
    this.#stop();
    await this.#giveUp();
  }

  /**
   * Tries until it succeeds, fails or is stopped.
   *
   * @returns {Promise<boolean>} whether it is over or paused
   */
  async #attempt() {
    this.#move("sending");
    let delay = patience.first;
    for (;;) {
      const before = this.#offset;
      try {
        await this.#send();
        this.#savedUploads.forget(this.#target);
        this.#move("done");
        return true;
      } catch (error) {
        if (error instanceof Refusal) return await this.#refused(error);
        if (!(error instanceof Interruption)) throw error;
        if (this.state === "paused" || this.state === "cancelled") return true;
        await this.#refuseUnreadable();
        this.#move("offline");
        if (this.#offset > before) delay = patience.first;
        await this.#wait(delay);
        delay = Math.min(delay * 2, patience.most);
        if (this.state !== "offline") return true;
        this.#move("sending");
      }
    }
  }

  async #send() {
    this.#samples = [];
    if (this.#location === undefined) await this.#create();
    else await this.#askWhatIsThere();
    while (!this.#isComplete) {
      // The user may have paused it during the request.
      if (this.state !== "sending") throw new Interruption();
      await this.#sendPart();
    }
  }

  /**
   * Creates the upload without content: `fetch` would hide the 104 that content
   * gets.
   */
  async #create() {
    const { headers } = await this.#ask("PUT", this.#target, {
      "upload-complete": "?0",
      "upload-length": `${this.#file.size}`,
      ...this.#condition,
    });
    this.#location = headers.get("location") ?? undefined;
    if (!this.#location) {
      throw new Refusal(words.upload.noParts, 501);
    }
    this.#offset = 0;
    this.#savedUploads.keep(this.#target, {
      location: this.#location,
      size: this.#file.size,
      modified: this.#file.lastModified,
    });
  }

  async #askWhatIsThere() {
    const { headers } = await this.#ask(
      "HEAD",
      /** @type {string} */ (this.#location),
    );
    this.#offset = Number(headers.get("upload-offset"));
    this.#isComplete = headers.get("upload-complete") === "?1";
    this.#progress(this.#offset);
  }

  /** @returns {Promise<void>} */
  #sendPart() {
    const from = this.#offset;
    const end = Math.min(this.#file.size, from + PART_SIZE);
    const isLast = end === this.#file.size;
    const request = this.#request = new XMLHttpRequest();
    request.open("PATCH", /** @type {string} */ (this.#location));
    request.setRequestHeader("accept", wantsProblem.accept);
    request.setRequestHeader("content-type", "application/partial-upload");
    request.setRequestHeader("upload-offset", `${from}`);
    request.setRequestHeader("upload-complete", isLast ? "?1" : "?0");
    return new Promise((resolve, reject) => {
      // `fetch` does not report progress.
      request.upload.onprogress = ({ loaded }) => this.#progress(from + loaded);
      request.onerror = request.onabort = () => reject(new Interruption());
      request.onload = () => {
        const { status, responseText } = request;
        if (status < 200 || status > 299) {
          reject(refusalOf(status, responseText, this.#maxSize));
          return;
        }
        this.#offset = end;
        this.#isComplete = isLast;
        this.#progress(end);
        resolve();
      };
      request.send(this.#file.slice(from, end));
    });
  }

  /**
   * @param {string} method
   * @param {string} url
   * @param {Record<string, string>} [headers]
   */
  async #ask(method, url, headers = {}) {
    const response = await fetch(url, {
      method,
      headers: { ...wantsProblem, ...headers },
    }).catch(() => {
      throw new Interruption();
    });
    if (response.ok) return response;
    throw refusalOf(response.status, await response.text(), this.#maxSize);
  }

  /**
   * @param {Refusal} refusal
   * @returns {Promise<boolean>} whether it is over
   */
  async #refused(refusal) {
    const { status } = refusal;
    // The server has fewer or more octets than expected: ask it.
    if (status === 409 && this.#location) return false;
    // The upload expired or was cancelled: begin again.
    if (status === 404 && this.#location) {
      this.#location = undefined;
      return false;
    }
    if (status !== 412) throw refusal;
    this.#location = undefined;
    this.#move("asking");
    return await this.#solveConflict();
  }

  /** Another file has the name, or has changed since it was checked. */
  async #solveConflict() {
    if (this.#names > 0 && this.#names < MOST_NAMES) return this.#rename();
    const existing = await existingAt(this.#target);
    const { value } = await this.#askAboutConflict(this, existing);
    if (value === "skip") {
      await this.cancel();
      return true;
    }
    if (value === "both") return this.#rename();
    this.#savedUploads.forget(this.#target);
    // It must still be the file that the user was asked about.
    this.#condition = existing
      ? { "if-match": existing.etag }
      : { "if-none-match": "*" };
    return false;
  }

  /** Takes the next name, until one is free. */
  #rename() {
    this.#savedUploads.forget(this.#target);
    this.#names++;
    this.#target = anotherName(this.#target);
    this.#condition = { "if-none-match": "*" };
    return false;
  }

  /** Resumes the upload of the same file that an earlier page began. */
  #remember() {
    const saved = this.#savedUploads.find(this.#target);
    if (
      saved?.size === this.#file.size &&
      saved.modified === this.#file.lastModified
    ) {
      this.#location = saved.location;
    }
  }

  async #giveUp() {
    this.#savedUploads.forget(this.#target);
    if (!this.#location) return;
    await fetch(this.#location, { method: "DELETE" }).catch(() => {
      // The server removes it after a day.
    });
  }

  /** A file that was changed or removed can no longer be read. */
  async #refuseUnreadable() {
    await this.#file.slice(0, 1).arrayBuffer().catch(() => {
      throw new Refusal(words.upload.unreadable, 400);
    });
  }

  /** @param {number} sent */
  #progress(sent) {
    this.sent = sent;
    const at = performance.now();
    this.#samples.push({ at, sent });
    while (this.#samples[0].at < at - SPEED_WINDOW) this.#samples.shift();
    this.dispatchEvent(new Event("change"));
  }

  /** @param {State} state */
  #move(state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }

  /** @param {string} reason @param {{ canRetry?: boolean }} [options] */
  #fail(reason, { canRetry = false } = {}) {
    this.reason = reason;
    this.canRetry = canRetry;
    this.#move("failed");
  }

  #stop() {
    this.#request?.abort();
    this.#wake?.();
  }

  /**
   * Waits for a while, or until the network is back.
   *
   * @param {number} delay
   */
  async #wait(delay) {
    const { promise, resolve } = Promise.withResolvers();
    this.#wake = () => resolve(undefined);
    const timer = setTimeout(this.#wake, delay);
    addEventListener("online", this.#wake, { once: true });
    await promise;
    clearTimeout(timer);
    removeEventListener("online", this.#wake);
  }
}
