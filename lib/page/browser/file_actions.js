// The actions that every list has.

import { addAction } from "./actions.js";
import { remove } from "./deleting.js";
import { element, say, showDialog } from "./dialogs.js";
import { folder } from "./folder.js";
import { hrefOf } from "./format.js";
import { move } from "./moving.js";
import { rename } from "./renaming.js";
import { show } from "./seeing.js";
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
    id: "zip",
    label: w.downloadZip,
    appliesTo: (entries) => !isOneFile(entries),
    run: downloadZip,
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
    id: "rename",
    label: w.rename,
    key: "F2",
    appliesTo: ([, other]) => !other,
    run: ([entry]) => rename(entry),
  });
  addAction({
    id: "move",
    label: w.move,
    key: "m",
    appliesTo: () => true,
    run: move,
  });
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
function download(entry) {
  follow(`${hrefOf(entry)}?download`, entry.name);
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

/** A longer query is sent as a form. */
const MOST_QUERY = 4000;

/**
 * Downloads several entries, or a folder, as one archive.
 *
 * @param {ShownEntry[]} entries
 */
function downloadZip(entries) {
  const [{ name, type }] = entries;
  if (entries.length === 1 && type === "directory") {
    return follow(`${hrefOf(entries[0])}?zip`, `${name}.zip`);
  }
  const names = entries.map(({ name }) => ["name", name]);
  const query = `${new URLSearchParams([["zip", ""], ...names])}`;
  if (query.length <= MOST_QUERY) return follow(`./?${query}`, "");
  // In a tab of its own: an error would replace the page.
  const form = element(
    "form",
    { method: "post", action: "./?zip", target: "_blank", hidden: true },
    ...names.map(([name, value]) => element("input", { name, value })),
  );
  document.body.append(form);
  form.submit();
  form.remove();
}

/**
 * @param {string} href
 * @param {string} name
 */
function follow(href, name) {
  element("a", { href, download: name }).click();
}
