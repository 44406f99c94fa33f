// Which uploads were begun, so that a page that is loaded again can go on.

/**
 * What was begun, kept for when the page is loaded again.
 *
 * @typedef {object} SavedUpload
 * @property {string} location
 * @property {number} size
 * @property {number} modified
 */

const KEY = "sluice-uploads";

export class SavedUploads {
  /** @returns {Record<string, SavedUpload>} by target */
  all() {
    try {
      return JSON.parse(localStorage.getItem(KEY) ?? "{}");
    } catch {
      return {};
    }
  }

  /**
   * @param {string} target
   * @returns {SavedUpload | undefined}
   */
  find(target) {
    const all = this.all();
    return Object.hasOwn(all, target) ? all[target] : undefined;
  }

  /**
   * @param {string} target
   * @param {SavedUpload} upload
   */
  keep(target, upload) {
    this.#store({ ...this.all(), [target]: upload });
  }

  /** @param {string} target */
  forget(target) {
    const { [target]: _, ...rest } = this.all();
    this.#store(rest);
  }

  /** @param {Record<string, SavedUpload>} uploads */
  #store(uploads) {
    try {
      localStorage.setItem(KEY, JSON.stringify(uploads));
    } catch {
      // A browser that keeps nothing still uploads.
    }
  }
}
