// Moves entries to another folder: by a dialog, or by dragging them onto a
// folder or a part of the path.

import { buttons, element, showDialog } from "./dialogs.js";
import { find, folder } from "./folder.js";
import { hrefOf } from "./format.js";
import { inTurn, request } from "./requests.js";
import { say } from "./toasts.js";
import { words } from "./words.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

const w = words.moving;

/**
 * Moves something; never onto something else.
 *
 * @param {string} from its URL
 * @param {string} to the path that it gets
 */
export async function moveTo(from, to) {
  await request("MOVE", from, {
    headers: { destination: to, overwrite: "F" },
  });
}

/**
 * Moves entries of the folder into another one.
 *
 * @param {ShownEntry[]} entries
 * @param {string} place its path, percent-encoded, with `/` at its end
 * @returns {Promise<string[]>} why some have not been moved
 */
async function moveAll(entries, place) {
  const { done, refused } = await inTurn(entries, async (entry) => {
    await moveTo(hrefOf(entry), pathIn(place, entry));
    return entry;
  });
  folder.list.removeAll(done.map(({ name }) => name));
  if (done.length > 0) {
    say(w.moved(done.length, done[0].name, nameOf(place)), {
      label: words.common.undo,
      run: () => moveBack(done, place),
    });
  }
  return refused.map(({ entry, error }) =>
    w.notMoved(entry.name, error.status === 412 ? w.isThere : error.message)
  );
}

/**
 * @param {ShownEntry[]} entries
 * @param {string} place
 */
async function moveBack(entries, place) {
  const { done, refused } = await inTurn(entries, async (entry) => {
    await moveTo(pathIn(place, entry), pathIn(folder.path, entry));
    return entry;
  });
  folder.list.putAll(done);
  const [first] = refused;
  say(
    first
      ? w.notMoved(first.entry.name, first.error.message)
      : w.movedBack(done.length, done[0].name),
  );
}

/**
 * @param {string} place
 * @param {ShownEntry} entry
 */
function pathIn(place, entry) {
  return place + hrefOf(entry).slice("./".length);
}

/** @param {string} place */
function nameOf(place) {
  return decodeURIComponent(place.split("/").at(-2) ?? "") || "/";
}

/**
 * Asks for a folder, and moves entries there.
 *
 * @param {ShownEntry[]} entries
 */
export async function move(entries) {
  let place = folder.path;
  const path = element("p", { class: "crumbs" });
  const places = element("div", { class: "places" });
  const refusal = element("p", { class: "refusal", role: "alert" });
  const choices = buttons([
    { value: "move", label: w.here, isMain: true },
    { value: "", label: words.common.cancel },
  ], { hasText: true });
  const form = element(
    "form",
    { method: "dialog", class: "stack" },
    path,
    places,
    refusal,
    choices,
  );
  const title = w.title(entries.length, entries[0].name);
  const { dialog, closed } = showDialog(title, [form]);
  const button = /** @type {HTMLButtonElement} */ (
    choices.querySelector("button")
  );
  /** @param {string} wanted */
  const show = async (wanted) => {
    place = wanted;
    button.disabled = place === folder.path;
    path.replaceChildren(...partsOf(place, show));
    places.replaceChildren(element("p", { class: "muted" }, w.loading));
    try {
      const found = await foldersIn(place);
      if (place !== wanted) return;
      places.replaceChildren(...placesOf(found, { place, entries, show }));
      const first = places.querySelector("button:enabled");
      if (first instanceof HTMLElement) first.focus();
    } catch (error) {
      refusal.textContent = /** @type {Error} */ (error).message;
    }
  };
  form.addEventListener("submit", async (event) => {
    if (event.submitter !== button) return;
    event.preventDefault();
    button.disabled = true;
    const refused = await moveAll(entries, place);
    if (refused.length === 0) return dialog.close();
    refusal.textContent = refused.slice(0, 3).join("\n");
    button.disabled = false;
  });
  await show(place);
  await closed;
}

/**
 * The parts of a path, as buttons.
 *
 * @param {string} place
 * @param {(place: string) => unknown} show
 */
function partsOf(place, show) {
  const { root } = folder;
  const names = ["", ...place.slice(root.length).split("/").slice(0, -1)];
  return names.flatMap((name, at) => {
    const path = root +
      names.slice(1, at + 1).map((each) => `${each}/`).join("");
    const button = element(
      "button",
      { type: "button", class: "quiet" },
      at === 0 ? nameOf(root) : decodeURIComponent(name),
    );
    button.addEventListener("click", () => show(path));
    return [button, element("span", { "aria-hidden": "true" }, "/")];
  });
}

/** The most entries of a folder that are looked through. */
const MOST = 100_000;

/**
 * @param {string} place
 * @returns {Promise<string[]>}
 */
async function foldersIn(place) {
  const response = await request("GET", `${place}?limit=${MOST}`, {
    headers: { accept: "application/json" },
  });
  /** @type {ShownEntry[]} */
  const entries = await response.json();
  return entries.filter(({ type }) => type === "directory")
    .map(({ name }) => name);
}

/**
 * @param {string[]} names
 * @param {{ place: string, entries: ShownEntry[], show: (place: string) => unknown }} options
 */
function placesOf(names, { place, entries, show }) {
  if (names.length === 0) {
    return [element("p", { class: "muted" }, w.noFolders)];
  }
  return names.map((name) => {
    // A folder does not go into itself.
    const isMoved = place === folder.path &&
      entries.some((entry) => entry.name === name);
    const button = element(
      "button",
      {
        type: "button",
        class: "menu-item icon directory",
        disabled: isMoved,
      },
      element("span", {}, name),
    );
    button.addEventListener(
      "click",
      () => show(`${place}${encodeURIComponent(name)}/`),
    );
    return button;
  });
}

/** What is dragged, as others do not drag it. */
const TYPE = "application/x-sluice-names";

/** Lets entries be dragged onto folders, and onto parts of the path. */
export function startDragging() {
  const entries = find("#entries");
  /** @type {ShownEntry[]} */
  let dragged = [];
  entries.addEventListener("dragstart", (event) => {
    const entry = folder.list.entryOf(event.target);
    if (!entry || !event.dataTransfer) return;
    dragged = folder.selection.has(entry.name) ? folder.selected : [entry];
    event.dataTransfer.setData(TYPE, "");
    event.dataTransfer.effectAllowed = "copyMove";
    if (dragged.length > 1) showCount(event.dataTransfer, dragged.length);
  });
  entries.addEventListener("dragend", () => dragged = []);
  for (const type of /** @type {const} */ (["dragover", "drop"])) {
    addEventListener(type, (event) => {
      if (!event.dataTransfer?.types.includes(TYPE)) return;
      const target = targetOf(event.target, dragged);
      mark(target?.element);
      if (!target) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      if (type !== "drop") return;
      mark(undefined);
      moveAll(dragged, target.place).then(([refused]) => {
        if (refused) say(refused);
      });
    });
  }
  addEventListener("dragend", () => mark(undefined));
}

/** @param {Element | undefined} target */
function mark(target) {
  for (const marked of document.querySelectorAll(".drop-target")) {
    if (marked !== target) marked.classList.remove("drop-target");
  }
  target?.classList.add("drop-target");
}

/**
 * The folder that an element stands for, if these can go there.
 *
 * @param {EventTarget | null} target
 * @param {ShownEntry[]} dragged
 */
function targetOf(target, dragged) {
  if (!(target instanceof Element) || dragged.length === 0) return undefined;
  const crumb = target.closest(".crumbs a");
  if (crumb instanceof HTMLAnchorElement) {
    const place = new URL(crumb.href).pathname;
    const isElsewhere = place !== folder.path && place.startsWith(folder.root);
    return isElsewhere ? { element: crumb, place } : undefined;
  }
  const entry = folder.list.entryOf(target);
  if (entry?.type !== "directory" || dragged.includes(entry)) return undefined;
  const element = target.closest("[data-name]");
  const place = folder.path + hrefOf(entry).slice("./".length);
  return element ? { element, place } : undefined;
}

/**
 * Shows how many are dragged beside the pointer.
 *
 * @param {DataTransfer} transfer
 * @param {number} count
 */
function showCount(transfer, count) {
  const badge = element("div", { class: "dragged" }, words.list.entries(count));
  document.body.append(badge);
  transfer.setDragImage(badge, -12, -12);
  requestAnimationFrame(() => badge.remove());
}
