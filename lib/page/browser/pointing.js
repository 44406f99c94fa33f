// What clicks, right clicks and long touches do with rows and tiles: buttons,
// menus, and selecting.

import { actionsFor, runAction } from "./actions.js";
import { find, folder } from "./folder.js";
import { openMenu } from "./menus.js";
import { addQuickButtons } from "./rows.js";
import { words } from "./words.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

/** How long (ms) a touch is long. */
const LONG = 500;
/** How far (px) a finger moves before it scrolls. */
const STILL = 10;

export function startPointing() {
  const entries = find("#entries");
  entries.addEventListener("click", clicked);
  entries.addEventListener("contextmenu", contextMenu);
  for (const type of ["pointerover", "focusin"]) {
    entries.addEventListener(type, reached);
  }
  startLongTouches(entries);
}

/** @param {Event} event */
function reached({ target }) {
  const entry = folder.list.entryOf(target);
  if (entry?.row?.contains(/** @type {Node} */ (target))) {
    addQuickButtons(entry.row, entry);
  }
}

/** @param {MouseEvent} event */
function clicked(event) {
  const { target } = event;
  const entry = folder.list.entryOf(target);
  if (!entry || !(target instanceof Element)) return;
  if (target.closest(".rename")) return;
  const button = target.closest("button");
  if (target instanceof HTMLInputElement) {
    return select(entry, event, target.checked);
  }
  if (target.matches("td.check")) return select(entry, event);
  if (button?.matches(".more")) return showMenu(button, entry);
  if (button?.dataset.action) runAction(button.dataset.action, [entry]);
  const hasLink = target.closest("a") !== null;
  const isSelecting = event.shiftKey ||
    !hasLink && (event.ctrlKey || event.metaKey) ||
    wasTouched && folder.selection.size > 0;
  if (button || !isSelecting || hasLink && event.defaultPrevented) return;
  event.preventDefault();
  select(entry, event);
}

/**
 * @param {ShownEntry} entry
 * @param {{ shiftKey: boolean }} event
 * @param {boolean} [isSelected]
 */
function select({ name }, { shiftKey }, isSelected) {
  if (shiftKey) folder.selection.extendTo(name, folder.list.shown);
  else folder.selection.toggle(name, isSelected);
}

/** @param {PointerEvent | MouseEvent} event */
function contextMenu(event) {
  const entry = folder.list.entryOf(event.target);
  if (!entry || event.shiftKey) return;
  event.preventDefault();
  if (wasTouched) return;
  const { clientX: x, clientY: y } = event;
  // The key for the menu tells no point.
  const at = event.button === 2 ? { x, y } : undefined;
  showMenu(anchorOf(event.target), entry, at);
}

/** @param {EventTarget | null} target */
function anchorOf(target) {
  const place = target instanceof Element
    ? target.closest("[data-name]")
    : null;
  return /** @type {HTMLElement} */ (place?.querySelector("button.more") ??
    document.body);
}

/**
 * Opens the menu of an entry; of all that are selected, if it is one of them.
 *
 * @param {HTMLElement} anchor
 * @param {ShownEntry} entry
 * @param {{ x: number, y: number }} [at]
 */
function showMenu(anchor, entry, at) {
  const { selection, selected } = folder;
  const isOfSelection = selection.has(entry.name) && selection.size > 1;
  const entries = isOfSelection ? selected : [entry];
  openMenu(anchor, menuOf(entries), {
    label: isOfSelection ? words.list.selected(entries.length) : entry.name,
    at,
  });
}

/** How a key is written in a menu. */
/** @type {Record<string, string>} */
const keyNames = { " ": "Space", Delete: "Del", m: "M" };

/**
 * @param {ShownEntry[]} entries
 * @returns {import("./menus.js").Item[]}
 */
function menuOf(entries) {
  const items = actionsFor(entries).map((action) => ({
    label: entries.length > 1 && action.labelForSeveral || action.label,
    icon: action.id,
    key: action.key && (keyNames[action.key] ?? action.key),
    isDangerous: action.isDangerous,
    startsGroup: action.isDangerous,
    run: () => action.run(entries),
  }));
  if (entries.length > 1) return items;
  const [{ name }] = entries;
  const isSelected = folder.selection.has(name);
  return [...items, {
    label: isSelected ? words.list.deselect : words.list.select,
    icon: "select",
    startsGroup: true,
    run: () => folder.selection.toggle(name),
  }];
}

/** Whether the last that pointed was a finger. */
let wasTouched = false;

/**
 * A long touch selects. Browsers differ in whether they send `contextmenu`.
 *
 * @param {HTMLElement} entries
 */
function startLongTouches(entries) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isLong = false;
  let start = { x: 0, y: 0 };
  entries.addEventListener("pointerdown", (event) => {
    wasTouched = event.pointerType === "touch";
    isLong = false;
    clearTimeout(timer);
    const { target } = event;
    const entry = folder.list.entryOf(target);
    const place = anchorOf(target).closest("[data-name]");
    const isTyping = place?.querySelector(".rename") !== null;
    // A finger that stays does not drag: it selects.
    if (place instanceof HTMLElement) {
      place.draggable = folder.mayDelete && !wasTouched && !isTyping;
    }
    if (!wasTouched || !entry) return;
    if (target instanceof Element && target.closest("button, input")) return;
    start = { x: event.clientX, y: event.clientY };
    timer = setTimeout(() => {
      isLong = true;
      folder.selection.toggle(entry.name);
    }, LONG);
  });
  entries.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (Math.hypot(clientX - start.x, clientY - start.y) > STILL) {
      clearTimeout(timer);
    }
  });
  for (const type of ["pointerup", "pointercancel"]) {
    entries.addEventListener(type, () => clearTimeout(timer));
  }
  entries.addEventListener("click", (event) => {
    if (!isLong) return;
    // The touch has done what it was for.
    isLong = false;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });
}
