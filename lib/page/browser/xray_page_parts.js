// The parts of the page of X-ray, and how much room there is for them.

/**
 * @template {HTMLElement} T
 * @param {string} selector
 * @returns {T}
 */
export const find = (
  selector,
) => /** @type {T} */ (document.querySelector(selector));

/** Whether all of the page stands in one column. */
export function isNarrow() {
  return matchMedia("(width < 60rem)").matches;
}
