// The page of a directory: connects the list, the previews and the uploads to
// user actions.

import {
  ask,
  askForText,
  element,
  problemOf,
  say,
  showDialog,
  wantsProblem,
} from "./dialogs.js";
import { droppedFiles } from "./dropped_files.js";
import { hrefOf } from "./format.js";
import { FileList } from "./list.js";
import { preview } from "./preview.js";
import { Uploads } from "./uploads.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

/**
 * @template {HTMLElement} T
 * @param {string} selector
 * @returns {T}
 */
const find = (selector) => /** @type {T} */ (document.querySelector(selector));

/** @type {HTMLTableElement} */
const table = find("#files");
/** @type {HTMLInputElement} */
const filter = find("#filter");
/** @type {HTMLElement} */
const count = find("#count");
const list = new FileList(table);
const mayWrite = Boolean(table.dataset.mayWrite);
const mayDelete = Boolean(table.dataset.mayDelete);
/** The path of the directory, which the first page shows at another one. */
const here = new URL(document.baseURI).pathname;

// The list.

list.addEventListener("arranged", tellCount);

function tellCount() {
  const shown = list.shown.length.toLocaleString("en");
  const total = list.total.toLocaleString("en");
  const noun = list.total === 1 ? "entry" : "entries";
  count.textContent = shown === total || !filter.value
    ? `${total} ${noun}`
    : `${shown} of ${total} ${noun}`;
  const nothing = find("#nothing");
  nothing.toggleAttribute("hidden", list.shown.length > 0);
  nothing.textContent = list.total > 0
    ? "No names here match."
    : "This directory is empty.";
}

filter.addEventListener("input", () => list.filter(filter.value));
filter.form?.addEventListener("submit", (event) => {
  event.preventDefault();
  list.focusRow(0);
});
if (filter.value) list.filter(filter.value);
tellCount();
list.loadRest().catch((error) =>
  say(`Cannot load the rest of the list: ${error.message}`)
);

// Actions on a file.

table.addEventListener("click", (event) => {
  const button = event.target instanceof Element
    ? event.target.closest("[data-action]")
    : null;
  const entry = list.entryOf(button);
  if (!entry || !(button instanceof HTMLElement)) return;
  actions[button.dataset.action ?? ""](entry);
});

/** @type {Record<string, (entry: ShownEntry) => void>} */
const actions = { preview: show, copy: copyLink, delete: remove };

/** @param {ShownEntry} entry */
async function show(entry) {
  const files = () => list.shown.filter(({ type }) => type === "file");
  const last = await preview(entry, (from, step) => {
    const all = files();
    return all[all.findIndex(({ name }) => name === from.name) + step];
  });
  list.focusRow(list.shown.findIndex(({ name }) => name === last.name));
}

/** @param {ShownEntry} entry */
async function copyLink(entry) {
  const { href } = new URL(hrefOf(entry), document.baseURI);
  try {
    await navigator.clipboard.writeText(href);
    say(`Copied the link to ${entry.name}`);
  } catch {
    // Only a page from this machine or over TLS may use the clipboard.
    const input = element("input", {
      type: "text",
      readonly: true,
      value: href,
      "aria-label": "Link",
    });
    const close = element("button", {}, "Close");
    showDialog("Copy the link", [
      element("form", { method: "dialog", class: "row" }, input, close),
    ]);
    input.select();
  }
}

/** @param {ShownEntry} entry */
async function remove(entry) {
  const { value } = await ask(
    "Delete this?",
    entry.type === "directory"
      ? `“${entry.name}” and all that is in it will be permanently deleted.`
      : `“${entry.name}” will be permanently deleted.`,
    [
      { value: "delete", label: "Delete" },
      { value: "", label: "Cancel", isMain: true },
    ],
  );
  if (value !== "delete") return;
  const at = list.shown.findIndex(({ name }) => name === entry.name);
  if (!await send("DELETE", hrefOf(entry))) return;
  list.remove(entry.name);
  list.focusRow(at);
  say(`Deleted ${entry.name}`);
}

/**
 * @param {string} method
 * @param {string} href
 * @returns {Promise<Response | undefined>} undefined after an error, which the
 * user is told
 */
async function send(method, href) {
  try {
    const response = await fetch(href, { method, headers: wantsProblem });
    if (response.ok) return response;
    say(problemOf(await response.text(), response.status));
  } catch {
    say("Cannot reach the server");
  }
}

// Uploads.

if (mayWrite) {
  const uploads = new Uploads(find("#uploads"), {
    maxSize: Number(table.dataset.maxSize || Infinity),
    onDone: ({ target, file }) => showUploaded(target, file),
  });

  /** @param {Iterable<{ file: File, path: string }>} files */
  const add = (files) => {
    for (const { file, path } of files) {
      uploads.add(
        file,
        here + path.split("/").map(encodeURIComponent).join("/"),
      );
    }
  };

  for (const id of ["#pick", "#pick-folder"]) {
    /** @type {HTMLInputElement} */
    const input = find(`${id}-input`);
    find(id).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      add([...input.files ?? []].map((file) => ({
        file,
        path: file.webkitRelativePath || file.name,
      })));
      // So that the same file can be chosen again.
      input.value = "";
    });
  }
  find("#make-folder").addEventListener("click", makeFolder);
  addEventListener("drop", async (event) => {
    if (!event.dataTransfer) return;
    try {
      add(await droppedFiles(event.dataTransfer));
    } catch {
      say("Cannot read the dropped files");
    }
  });
}

/**
 * @param {string} target
 * @param {File} file
 */
function showUploaded(target, file) {
  const [name, ...below] = target.slice(here.length)
    .split("/").map(decodeURIComponent);
  if (below.length > 0) {
    list.put({ name, type: "directory" });
  } else {
    list.put({
      name,
      type: "file",
      size: file.size,
      modified: new Date().toISOString(),
    });
  }
}

async function makeFolder() {
  const name = await askForText("New folder", "Name", "Create");
  if (!name) return;
  /** @type {ShownEntry} */
  const folder = { name, type: "directory" };
  const response = await send("PUT", hrefOf(folder));
  if (!response) return;
  if (response.status === 204) return say(`There is already a folder ${name}`);
  list.put(folder);
  list.focusRow(list.shown.findIndex((entry) => entry.name === name));
  say(`Created the folder ${name}`);
}

// Otherwise a file dropped outside the drop area would replace the page.
addEventListener("dragover", (event) => {
  event.preventDefault();
  if (event.dataTransfer) {
    event.dataTransfer.dropEffect = mayWrite ? "copy" : "none";
  }
  document.body.classList.toggle("dropping", mayWrite);
});
for (const type of ["dragleave", "drop"]) {
  addEventListener(type, (event) => {
    event.preventDefault();
    document.body.classList.remove("dropping");
  });
}

// The keyboard.

const keys = [
  ["/", "Filter by name"],
  ["↓ ↑", "Next and previous row"],
  ["Home End", "First and last row"],
  ["Enter", "Open"],
  ["Space", "Preview"],
  ...(mayDelete ? [["Delete", "Delete"]] : []),
  ["Backspace", "Parent directory"],
  ["?", "This help"],
];

/** @type {Record<string, () => void>} */
const shortcuts = {
  "/": () => filter.focus(),
  "?": showKeys,
  ArrowDown: () => list.moveFocus(1),
  ArrowUp: () => list.moveFocus(-1),
  Home: () => list.focusRow(0),
  End: () => list.focusRow(Infinity),
  " ": () => list.current?.type === "file" && show(list.current),
  Delete: () => mayDelete && list.current && remove(list.current),
  Backspace: () => find("#up")?.click(),
};

addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (
    event.ctrlKey || event.altKey || event.metaKey ||
    !(target instanceof Element)
  ) return;
  if (target.closest("dialog")) return;
  if (target === filter) {
    if (key !== "ArrowDown" && key !== "Escape") return;
    if (key === "Escape") {
      filter.value = "";
      return list.filter("");
    }
  } else if (target.matches("input, button, textarea") && key === " ") return;
  if (!Object.hasOwn(shortcuts, key)) return;
  event.preventDefault();
  shortcuts[key]();
});

find("#keys").addEventListener("click", showKeys);

function showKeys() {
  const rows = keys.map(([key, meaning]) =>
    element(
      "div",
      {},
      element("dt", {}, element("kbd", {}, key)),
      element("dd", {}, meaning),
    )
  );
  showDialog("Keyboard", [
    element("dl", { class: "facts" }, ...rows),
    element(
      "form",
      { method: "dialog" },
      element("button", { autofocus: true }, "Close"),
    ),
  ]);
}
