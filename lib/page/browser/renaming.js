// Renames an entry in its place. What the server refuses is said beside it, and
// what was typed stays.

import { element } from "./dialogs.js";
import { folder } from "./folder.js";
import { hrefOf } from "./format.js";
import { moveTo } from "./moving.js";
import { refusePath } from "./requests.js";
import { say } from "./toasts.js";
import { focusEntry } from "./view_switch.js";
import { words } from "./words.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

const w = words.renaming;

/** Ends the one that is open. @type {(() => void) | undefined} */
let close;

/** @param {ShownEntry} entry */
export function rename(entry) {
  close?.();
  focusEntry(entry.name);
  const place = [...document.querySelectorAll("#entries [data-name]")]
    .find((each) =>
      each.checkVisibility() && folder.list.entryOf(each)?.name === entry.name
    );
  const link = place?.querySelector("a");
  if (!(place instanceof HTMLElement) || !link) return;
  const input = element("input", {
    type: "text",
    "aria-label": w.label(entry.name),
    autocomplete: "off",
    spellcheck: "false",
    maxlength: "255",
    required: true,
  });
  const cancel = element("button", {
    type: "button",
    class: "quiet icon close",
    "aria-label": words.common.cancel,
    title: words.common.cancel,
  });
  const form = element(
    "form",
    { class: "rename" },
    input,
    element("button", { class: "main" }, words.actions.rename),
    cancel,
  );
  const refusal = element("p", {
    class: "refusal tip",
    role: "alert",
    popover: "manual",
  });
  input.value = entry.name;
  link.hidden = true;
  place.draggable = false;
  link.after(form);
  document.querySelector("main")?.append(refusal);
  close = () => {
    close = undefined;
    form.remove();
    refusal.remove();
    link.hidden = false;
    place.draggable = true;
  };
  const end = () => {
    close?.();
    link.focus();
  };
  cancel.addEventListener("click", end);
  form.addEventListener("focusout", ({ relatedTarget }) => {
    const isInside = relatedTarget instanceof Node &&
      form.contains(relatedTarget);
    // What was typed stays; nothing is lost by a look elsewhere.
    if (!isInside && input.value === entry.name) close?.();
  });
  form.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") end();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = input.value;
    if (name === entry.name) return end();
    try {
      await renameTo(entry, name);
    } catch (error) {
      refusal.textContent = /** @type {Error} */ (error).message;
      showBeside(refusal, input);
      input.setAttribute("aria-invalid", "true");
      input.focus();
      return;
    }
    close?.();
    folder.list.rename(entry.name, name);
    focusEntry(name);
    say(w.renamed(name), {
      label: words.common.undo,
      run: () => undo({ ...entry, name }, entry.name),
    });
  });
  input.focus();
  const end_ = entry.type === "file" ? entry.name.lastIndexOf(".") : -1;
  input.setSelectionRange(0, end_ > 0 ? end_ : entry.name.length);
}

/**
 * @param {ShownEntry} entry
 * @param {string} name
 */
async function renameTo(entry, name) {
  refusePath(name);
  try {
    const to = hrefOf({ ...entry, name }).slice("./".length);
    await moveTo(hrefOf(entry), folder.path + to);
  } catch (error) {
    const { status } = /** @type {import("./requests.js").Refusal} */ (error);
    throw status === 412 ? new Error(w.isThere(name)) : error;
  }
}

/**
 * @param {ShownEntry} entry
 * @param {string} name
 */
async function undo(entry, name) {
  try {
    await renameTo(entry, name);
    folder.list.rename(entry.name, name);
    focusEntry(name);
    say(w.renamed(name));
  } catch (error) {
    say(/** @type {Error} */ (error).message);
  }
}

/**
 * @param {HTMLElement} tip
 * @param {HTMLElement} anchor
 */
function showBeside(tip, anchor) {
  tip.showPopover();
  const { left, top, bottom } = anchor.getBoundingClientRect();
  const { offsetHeight } = tip;
  // Above it where the window, or a keyboard on the screen, leaves no room.
  const height = globalThis.visualViewport?.height ?? innerHeight;
  const hasRoom = bottom + 4 + offsetHeight <= height;
  tip.style.left = `${left}px`;
  tip.style.top = `${hasRoom ? bottom + 4 : top - 4 - offsetHeight}px`;
}
