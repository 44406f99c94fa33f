// Loads a style sheet when what it is for is first needed.

/** @type {Map<string, Promise<void>>} */
const loaded = new Map();

/**
 * Fulfilled when a style sheet of this folder is in use, or cannot be had.
 *
 * @param {string} name such as `preview.css`
 * @returns {Promise<void>}
 */
export function useStyle(name) {
  let done = loaded.get(name);
  if (!done) {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL(name, import.meta.url).href;
    done = new Promise((resolve) => {
      link.onload = link.onerror = () => resolve();
    });
    loaded.set(name, done);
    document.head.append(link);
  }
  return done;
}
