// Menus: a list of buttons beside the one that opened it, or at a point; on a
// phone at the bottom of the window.

import { element } from "./dialogs.js";

/**
 * @typedef {object} Item
 * @property {string} label
 * @property {string} [icon] its class
 * @property {string} [key] the key that does the same, to be shown
 * @property {boolean} [isChecked] for one of several choices
 * @property {boolean} [isDangerous]
 * @property {boolean} [startsGroup] whether a line stands above it
 * @property {() => unknown} run
 */

/** @type {{ close: () => void, anchor: HTMLElement } | undefined} */
let open;

/**
 * Opens a menu; the same button closes it.
 *
 * @param {HTMLElement} anchor what the focus returns to
 * @param {Item[]} items
 * @param {{ label: string, at?: { x: number, y: number } }} options its name for a screen
 * reader, and where it opens; default: below the anchor
 */
export function openMenu(anchor, items, { label, at }) {
  const wasOpen = open?.anchor === anchor && !at;
  open?.close();
  if (wasOpen || items.length === 0) return;
  const menu = element(
    "div",
    { class: "menu", role: "menu", popover: "auto", "aria-label": label },
    element("p", { class: "menu-title", "aria-hidden": "true" }, label),
    ...items.map((item) => itemOf(item, () => menu.hidePopover())),
  );
  document.querySelector("main")?.append(menu);
  anchor.setAttribute("aria-expanded", "true");
  const close = () => {
    if (!menu.isConnected) return;
    const hadFocus = menu.contains(document.activeElement);
    menu.remove();
    anchor.setAttribute("aria-expanded", "false");
    if (open?.anchor === anchor) open = undefined;
    if (hadFocus) anchor.focus({ preventScroll: true });
  };
  menu.addEventListener("beforetoggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "closed") close();
  });
  menu.addEventListener("keydown", (event) => moveIn(menu, event));
  open = { close, anchor };
  menu.showPopover();
  place(menu, anchor, at);
  menu.querySelector("button")?.focus();
}

/**
 * @param {Item} item
 * @param {() => void} close
 */
function itemOf({ label, icon, key, isChecked, ...item }, close) {
  const classes = [
    "menu-item",
    icon ? `icon ${icon}` : "",
    item.isDangerous ? "dangerous" : "",
    item.startsGroup ? "first-of-group" : "",
  ];
  const button = element(
    "button",
    {
      type: "button",
      role: isChecked === undefined ? "menuitem" : "menuitemradio",
      "aria-checked": isChecked === undefined ? undefined : `${isChecked}`,
      class: classes.join(" "),
    },
    element("span", {}, label),
    ...(key ? [element("kbd", { "aria-hidden": "true" }, key)] : []),
  );
  button.addEventListener("click", () => {
    close();
    item.run();
  });
  return button;
}

/**
 * @param {HTMLElement} menu
 * @param {KeyboardEvent} event
 */
function moveIn(menu, event) {
  event.stopPropagation();
  const items = [...menu.querySelectorAll("button")];
  const at = items.findIndex((item) => item === document.activeElement);
  const to = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: items.length - 1,
  }[event.key];
  if (event.key === "Tab") menu.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  items.at(to % items.length)?.focus();
}

/** How far (px) a menu stays from the edge of the window. */
const MARGIN = 8;

/**
 * @param {HTMLElement} menu
 * @param {HTMLElement} anchor
 * @param {{ x: number, y: number }} [at]
 */
function place(menu, anchor, at) {
  const { width, height } = menu.getBoundingClientRect();
  const box = anchor.getBoundingClientRect();
  const right = document.documentElement.clientWidth;
  const left = at ? at.x : box.right - width;
  const below = at ? at.y : box.bottom + 4;
  const above = at ? at.y - height : box.top - 4 - height;
  const isBelow = below + height <= innerHeight - MARGIN || above < MARGIN;
  const top = isBelow ? Math.min(below, innerHeight - height - MARGIN) : above;
  menu.style.left = `${
    Math.max(MARGIN, Math.min(left, right - width - MARGIN))
  }px`;
  menu.style.top = `${Math.max(MARGIN, top)}px`;
}
