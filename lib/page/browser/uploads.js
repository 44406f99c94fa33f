// All uploads of a page: a few run at once, and the others wait. How they are
// shown is the job of `upload_bar.js`.

import { say } from "./dialogs.js";
import { SavedUploads } from "./saved_uploads.js";
import { Upload } from "./upload.js";
import { askAboutConflict } from "./upload_conflict.js";
import { words } from "./words.js";

/** How many run at once. */
const MOST_AT_ONCE = 3;

/** Tells of each change by the event `change`. */
export class Uploads extends EventTarget {
  savedUploads = new SavedUploads();
  #maxSize;
  #onDone;
  /** All that the user has not cleared. @type {Set<Upload>} */
  #all = new Set();
  /** @type {Upload[]} */
  #waiting = [];
  /** @type {Set<Upload>} */
  #running = new Set();
  /** Questions are asked one after another. @type {Promise<unknown>} */
  #asking = Promise.resolve();
  /**
   * The answer for all other files. @type
   * {import("./upload.js").Answer["value"] | undefined}
   */
  #answerForAll;
  /** How many have been done since nothing ran. */
  #doneOfBatch = 0;

  /** @param {{ maxSize: number, onDone: (upload: Upload) => void }} options */
  constructor({ maxSize, onDone }) {
    super();
    this.#maxSize = maxSize;
    this.#onDone = onDone;
    addEventListener("beforeunload", (event) => {
      if (this.#running.size > 0) event.preventDefault();
    });
  }

  /** @returns {ReadonlySet<Upload>} */
  get all() {
    return this.#all;
  }

  get isBusy() {
    return this.#running.size + this.#waiting.length > 0;
  }

  /**
   * @param {File} file
   * @param {string} target the path of its URL
   */
  add(file, target) {
    const upload = new Upload(file, target, {
      maxSize: this.#maxSize,
      savedUploads: this.savedUploads,
      askAboutConflict: (upload, existing) => this.#askInTurn(upload, existing),
    });
    upload.addEventListener("change", () => this.#tell());
    this.#all.add(upload);
    // Those that cannot succeed say so at once.
    if (upload.refuse()) this.#announce(upload);
    else this.resume(upload);
  }

  /**
   * Starts one that is paused or has failed, when it is its turn.
   *
   * @param {Upload} upload
   */
  resume(upload) {
    upload.state = "waiting";
    this.#waiting.push(upload);
    this.#startNext();
    this.#tell();
  }

  /** @param {Upload} upload */
  async cancel(upload) {
    this.#waiting = this.#waiting.filter((each) => each !== upload);
    await upload.cancel();
  }

  /** Forgets those that are over. */
  clear() {
    for (const upload of this.#all) {
      if (upload.isOver) this.#all.delete(upload);
    }
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
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
    await upload.run();
    this.#running.delete(upload);
    if (upload.state === "done") {
      this.#doneOfBatch++;
      this.#onDone(upload);
    }
    this.#announce(upload);
    this.#startNext();
    if (!this.isBusy) this.#endBatch(upload);
    this.#tell();
  }

  /** @param {Upload} upload */
  #announce({ state, name, reason }) {
    if (state === "failed") say(`${name}: ${reason}`);
  }

  /** One message for all of them: a hundred would be noise. @param {Upload} last */
  #endBatch(last) {
    const count = this.#doneOfBatch;
    this.#doneOfBatch = 0;
    this.#answerForAll = undefined;
    if (last.state === "failed" || count === 0) return;
    say(
      count === 1
        ? words.upload.uploaded(last.name)
        : words.upload.uploadedSome(count),
    );
  }

  /**
   * @param {Upload} upload
   * @param {import("./upload.js").Existing | undefined} existing
   */
  async #askInTurn(upload, existing) {
    const turn = this.#asking.then(() => this.#ask(upload, existing));
    this.#asking = turn.catch(() => {});
    return { value: await turn };
  }

  /**
   * @param {Upload} upload
   * @param {import("./upload.js").Existing | undefined} existing
   */
  async #ask(upload, existing) {
    if (this.#answerForAll) return this.#answerForAll;
    const others = this.#running.size + this.#waiting.length - 1;
    const { value, isForAll } = await askAboutConflict(upload, existing, {
      others,
    });
    if (isForAll) this.#answerForAll = value;
    return value;
  }
}
