// The actions that every list has.

import { addAction } from "./actions.js";
import { ask, element, say, showDialog } from "./dialogs.js";
import { folder } from "./folder.js";
import { hrefOf } from "./format.js";
import { preview } from "./preview.js";
import { request } from "./requests.js";
import { words } from "./words.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

const w = words.actions;

/** @param {ShownEntry[]} entries */
const isOneFile = ([entry, other]) => !other && entry.type === "file";

/** Adds the actions that the reader of the page may do. */
export function addFileActions() {
  addAction({
    id: "preview",
    label: w.preview,
    labelOf: w.previewOf,
    key: " ",
    isQuick: true,
    appliesTo: isOneFile,
    run: ([entry]) => show(entry),
  });
  addAction({
    id: "download",
    label: w.download,
    labelOf: w.downloadOf,
    appliesTo: isOneFile,
    run: ([entry]) => download(entry),
  });
  addAction({
    id: "copy",
    label: w.copyLink,
    labelOf: w.copyLinkOf,
    labelForSeveral: w.copyLinks,
    isQuick: true,
    appliesTo: () => true,
    run: copyLinks,
  });
  if (!folder.mayDelete) return;
  addAction({
    id: "delete",
    label: w.delete,
    key: "Delete",
    isDangerous: true,
    appliesTo: () => true,
    run: remove,
  });
}

/** @param {ShownEntry} entry */
async function show(entry) {
  const files = () => folder.list.shown.filter(({ type }) => type === "file");
  const last = await preview(entry, (from, step) => {
    const all = files();
    return all[all.findIndex(({ name }) => name === from.name) + step];
  });
  folder.list.focusName(last.name);
}

/** @param {ShownEntry} entry */
function download(entry) {
  element("a", { href: `${hrefOf(entry)}?download`, download: entry.name })
    .click();
}

/** @param {ShownEntry[]} entries */
async function copyLinks(entries) {
  const text = entries
    .map((entry) => new URL(hrefOf(entry), document.baseURI).href)
    .join("\n");
  try {
    await navigator.clipboard.writeText(text);
    say(
      entries.length === 1
        ? w.copied(entries[0].name)
        : w.copiedSome(entries.length),
    );
  } catch {
    // Only a page from this machine or over TLS may use the clipboard.
    const area = element("textarea", {
      readonly: true,
      rows: `${Math.min(entries.length + 1, 8)}`,
      autofocus: true,
      "aria-label": words.common.link,
    });
    area.value = text;
    const close = element("button", {}, words.common.close);
    showDialog(entries.length === 1 ? w.copyLink : w.copyLinks, [
      element("form", { method: "dialog", class: "stack" }, area, close),
    ]);
    area.select();
  }
}

/** @param {ShownEntry[]} entries */
async function remove([entry]) {
  const { value } = await ask(
    w.deleteTitle,
    entry.type === "directory"
      ? w.deleteFolder(entry.name)
      : w.deleteFile(entry.name),
    [
      { value: "delete", label: w.delete },
      { value: "", label: words.common.cancel, isMain: true },
    ],
  );
  if (value !== "delete") return;
  const at = folder.list.shown.findIndex(({ name }) => name === entry.name);
  try {
    await request("DELETE", hrefOf(entry));
  } catch (error) {
    return say(/** @type {Error} */ (error).message);
  }
  folder.list.remove(entry.name);
  folder.list.focusRow(at);
  say(w.deleted(entry.name));
}
