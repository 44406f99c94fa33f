// Switches between the list and the grid, and remembers the choice.

import { folder } from "./folder.js";
import { useStyle } from "./styles.js";

const KEY = "sluice-view";

/** @type {import("./grid.js").Grid | undefined} */
let grid;

/**
 * @param {(entry: import("./format.js").ShownEntry) => void} open what a click
 * on the tile of a file does
 */
export function startViewSwitch(open) {
  /** @type {NodeListOf<HTMLButtonElement>} */
  const buttons = document.querySelectorAll(".view-switch button");
  for (const button of buttons) {
    button.addEventListener(
      "click",
      () => choose(button.dataset.view === "grid" ? "grid" : "list"),
    );
  }

  /** @param {"list" | "grid"} view */
  const choose = async (view) => {
    remember(view);
    for (const button of buttons) {
      button.setAttribute("aria-pressed", `${button.dataset.view === view}`);
    }
    document.body.classList.toggle("grid-view", view === "grid");
    if (view === "list") {
      grid?.remove();
      grid = undefined;
      return;
    }
    const [{ Grid }] = await Promise.all([
      import("./grid.js"),
      useStyle("grid.css"),
    ]);
    if (remembered() === "grid") grid ??= new Grid(open);
  };
  choose(remembered());
}

/** @returns {"list" | "grid"} */
function remembered() {
  try {
    return localStorage.getItem(KEY) === "grid" ? "grid" : chosen ?? "list";
  } catch {
    return chosen ?? "list";
  }
}

/** For a browser without storage. @type {"list" | "grid" | undefined} */
let chosen;

/** @param {"list" | "grid"} view */
function remember(view) {
  chosen = view;
  try {
    localStorage.setItem(KEY, view);
  } catch {
    // The choice is then that of this page.
  }
}

/**
 * Moves the focus to an entry, in the view that is shown.
 *
 * @param {string} name
 */
export function focusEntry(name) {
  focusAt(folder.list.shown.findIndex((entry) => entry.name === name));
}

/**
 * The same by its place; past an end, the first or the last.
 *
 * @param {number} index
 */
export function focusAt(index) {
  if (!grid) return folder.list.focusRow(index);
  const last = folder.list.shown.length - 1;
  grid.focusTile(Math.max(0, Math.min(index, last)));
}
