// Which uploads were begun, so that a page that is loaded again can go on.

/** @typedef {import("./upload.js").Memory} Memory */

const key = "sluice-uploads";

export class Memories {
  /** @returns {Record<string, Memory>} by target */
  all() {
    try {
      return JSON.parse(localStorage.getItem(key) ?? "{}");
    } catch {
      return {};
    }
  }

  /**
   * @param {string} target
   * @returns {Memory | undefined}
   */
  find(target) {
    const all = this.all();
    return Object.hasOwn(all, target) ? all[target] : undefined;
  }

  /**
   * @param {string} target
   * @param {Memory} memory
   */
  keep(target, memory) {
    this.#store({ ...this.all(), [target]: memory });
  }

  /** @param {string} target */
  forget(target) {
    const { [target]: _, ...rest } = this.all();
    this.#store(rest);
  }

  /** @param {Record<string, Memory>} memories */
  #store(memories) {
    try {
      localStorage.setItem(key, JSON.stringify(memories));
    } catch {
      // A browser that keeps nothing still uploads.
    }
  }
}
