// The bar above the list: the filter, the count, the menus, and what is
// selected.

import { actionsFor, addFolderAction, allFolderActions } from "./actions.js";
import { element } from "./dialogs.js";
import { find, folder } from "./folder.js";
import { formatSize } from "./format.js";
import { openMenu } from "./menus.js";
import { showKeys } from "./shortcuts.js";
import { words } from "./words.js";

const w = words.list;
const { list, selection } = folder;
/** @type {HTMLInputElement} */
const filter = find("#filter");

export function startToolbar() {
  list.addEventListener("arranged", tellCount);
  list.addEventListener("arranged", () => selection.keep(isShown));
  filter.addEventListener("input", () => list.filter(filter.value));
  filter.form?.addEventListener("submit", (event) => {
    event.preventDefault();
    list.focusRow(0);
  });
  if (filter.value) list.filter(filter.value);
  tellCount();
  startSortMenu();
  startFolderMenu();
  startSelectionBar();
}

/** @param {string} name */
function isShown(name) {
  return list.isShown(name);
}

function tellCount() {
  const { shown: { length }, total } = list;
  find("#count").textContent = length === total || !filter.value
    ? w.entries(total)
    : w.someOf(length, total);
  const nothing = find("#nothing");
  nothing.toggleAttribute("hidden", length > 0);
  nothing.textContent = total > 0
    ? w.noMatch
    : folder.mayWrite
    ? w.emptyDrop
    : w.empty;
}

function startSortMenu() {
  const button = find("#sort-menu");
  const tell = () => {
    const { key, isDescending } = list.order;
    button.dataset.label = w[key];
    button.classList.toggle("descending", isDescending);
    button.setAttribute(
      "aria-label",
      `${w.sortedBy(w[key])}, ${isDescending ? w.descending : w.ascending}`,
    );
  };
  list.addEventListener("arranged", tell);
  tell();
  button.addEventListener("click", () => {
    const { key, isDescending } = list.order;
    const keys = /** @type {const} */ (["name", "size", "modified"]);
    openMenu(button, [
      ...keys.map((each) => ({
        label: w[each],
        isChecked: each === key,
        run: () => list.sortBy(each, isDescending),
      })),
      ...[false, true].map((each) => ({
        label: each ? w.descending : w.ascending,
        isChecked: each === isDescending,
        startsGroup: !each,
        run: () => list.sortBy(key, each),
      })),
    ], { label: w.sort });
  });
}

function startFolderMenu() {
  addFolderAction({
    id: "select-all",
    label: w.selectAll,
    run: () => selection.set(list.shown.map(({ name }) => name)),
  });
  if (document.querySelector("#zip-form")) {
    addFolderAction({
      id: "zip",
      label: words.actions.downloadAll,
      run: () => element("a", { href: "./?zip", download: "" }).click(),
    });
  }
  addFolderAction({ id: "keys", label: words.common.keys, run: showKeys });
  const button = find("#folder-menu");
  button.addEventListener("click", () =>
    openMenu(
      button,
      allFolderActions().map((action) => ({ ...action, icon: action.id })),
      { label: words.common.more },
    ));
}

function startSelectionBar() {
  /** @type {HTMLInputElement} */
  const all = find("#select-all");
  all.addEventListener(
    "change",
    () => selection.set(all.checked ? list.shown.map(({ name }) => name) : []),
  );
  const bar = find("#selection-bar");
  const update = () => {
    const { selected } = folder;
    const { length } = list.shown;
    all.checked = length > 0 && selected.length === length;
    all.indeterminate = selected.length > 0 && !all.checked;
    document.body.classList.toggle("selecting", selected.length > 0);
    bar.hidden = selected.length === 0;
    find("#toolbar").hidden = selected.length > 0;
    if (selected.length > 0) fill(bar, selected);
  };
  selection.addEventListener("change", update);
  list.addEventListener("arranged", update);
}

/**
 * @param {HTMLElement} bar
 * @param {import("./format.js").ShownEntry[]} selected
 */
function fill(bar, selected) {
  const focused = document.activeElement?.closest("#selection-bar button");
  const id = focused instanceof HTMLElement ? focused.dataset.id : undefined;
  const size = selected.reduce((sum, { size = 0 }) => sum + size, 0);
  const clear = element("button", {
    type: "button",
    class: "quiet icon close",
    "data-id": "clear",
    "aria-label": w.deselectAll,
    title: w.deselectAll,
  });
  clear.addEventListener("click", () => selection.clear());
  const buttons = actionsFor(selected).map((action) => {
    const label = selected.length > 1 && action.labelForSeveral ||
      action.label;
    const button = element(
      "button",
      {
        type: "button",
        class: `quiet icon ${action.id}${
          action.isDangerous ? " dangerous" : ""
        }`,
        "data-id": action.id,
        title: label,
      },
      element("span", {}, label),
    );
    button.addEventListener("click", () => action.run(selected));
    return button;
  });
  bar.replaceChildren(
    clear,
    element(
      "p",
      { class: "selected-count", role: "status" },
      w.selected(selected.length),
      element("span", { class: "muted" }, size ? ` ${formatSize(size)}` : ""),
    ),
    element("div", { class: "selection-actions" }, ...buttons),
  );
  if (id) {
    const again = bar.querySelector(`[data-id="${id}"]`);
    if (again instanceof HTMLElement) again.focus();
  }
}
