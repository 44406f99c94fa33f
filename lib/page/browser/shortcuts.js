// The keys of the page, and the help on them.

import { actionsFor } from "./actions.js";
import { element, showDialog } from "./dialogs.js";
import { find, folder } from "./folder.js";
import { takeOffer } from "./toasts.js";
import { words } from "./words.js";

const w = words.keys;
const { list, selection } = folder;

/** @type {Record<string, () => unknown>} */
const shortcuts = {
  "/": () => find("#filter").focus(),
  "?": showKeys,
  ArrowDown: () => list.moveFocus(1),
  ArrowUp: () => list.moveFocus(-1),
  Home: () => list.focusRow(0),
  End: () => list.focusRow(Infinity),
  Backspace: () =>
    document.querySelector("#up")?.dispatchEvent(
      new MouseEvent("click", { cancelable: true, bubbles: true }),
    ),
  Escape: () => selection.clear(),
  x: () => list.current && selection.toggle(list.current.name),
};

/** @type {Record<string, number>} */
const steps = { ArrowDown: 1, ArrowUp: -1 };

export function startShortcuts() {
  addEventListener("keydown", pressed);
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const { target, key } = event;
  if (event.defaultPrevented || !(target instanceof Element)) return;
  // A dialog may be open without the focus in it.
  if (document.querySelector("dialog[open], .menu")) return;
  const isTyping = target.matches("input:not([type=checkbox]), textarea");
  if (isTyping) return pressedWhileTyping(event);
  if (event.ctrlKey || event.metaKey) return pressedWithControl(event);
  if (event.altKey) return;
  if (event.shiftKey && steps[key]) {
    event.preventDefault();
    return folder.selectAlong(() => list.moveFocus(steps[key]));
  }
  if (key === " " && target.matches("button, input, summary")) return;
  const act = Object.hasOwn(shortcuts, key) ? shortcuts[key] : actionOf(key);
  if (!act) return;
  event.preventDefault();
  act();
}

/** @param {KeyboardEvent} event */
function pressedWithControl(event) {
  const { key, shiftKey, altKey } = event;
  if (shiftKey || altKey) return;
  if (key === "z" && takeOffer()) event.preventDefault();
  if (key !== "a") return;
  event.preventDefault();
  selection.set(list.shown.map(({ name }) => name));
}

/** @param {KeyboardEvent} event */
function pressedWhileTyping(event) {
  const { target, key } = event;
  /** @type {HTMLInputElement} */
  const filter = find("#filter");
  if (target !== filter) return;
  if (key === "ArrowDown") {
    event.preventDefault();
    list.moveFocus(1);
  } else if (key === "Escape") {
    event.preventDefault();
    filter.value = "";
    list.filter("");
  }
}

/**
 * What a key does with the selection, or with the entry that has the focus.
 *
 * @param {string} key
 */
function actionOf(key) {
  const { current } = list;
  const entries = selection.size > 0
    ? folder.selected
    : current
    ? [current]
    : [];
  const action = actionsFor(entries).find((action) => action.key === key);
  return action && (() => action.run(entries));
}

export function showKeys() {
  const rows = w.filter(({ needs }) => !needs || folder[needs])
    .map(({ keys, meaning }) =>
      element(
        "div",
        {},
        element(
          "dt",
          {},
          ...keys.flatMap((key, at) => [
            ...(at > 0 ? [" "] : []),
            element("kbd", {}, key),
          ]),
        ),
        element("dd", {}, meaning),
      )
    );
  showDialog(words.common.keys, [
    element("dl", { class: "facts" }, ...rows),
    element(
      "form",
      { method: "dialog" },
      element("button", { autofocus: true }, words.common.close),
    ),
  ]);
}
