// Remembers uploads, so that a reloaded page can resume them.

/**
 * An upload in progress, kept across page loads.
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
      // A browser without storage can still upload.
    }
  }
}
