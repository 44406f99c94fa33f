// What the browser keeps of the lessons: which are solved, and which one was
// open. A browser that keeps nothing begins anew each time.

/** @typedef {{ solved: string[], at: string }} Progress */

const KEY = "sluice lessons";

/** @returns {Progress} */
export function readProgress() {
  try {
    const { solved, at } = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { solved: Array.isArray(solved) ? solved : [], at: `${at ?? ""}` };
  } catch {
    return { solved: [], at: "" };
  }
}

/** @param {Progress} progress */
export function writeProgress(progress) {
  try {
    localStorage.setItem(KEY, JSON.stringify(progress));
  } catch {
    // It may be forbidden, or full.
  }
}

/** @param {Progress} progress */
export function forget(progress) {
  progress.solved = [];
  progress.at = "";
  writeProgress(progress);
}
