// Makes the row of an entry, and completes one that the server has made.

import { actionsFor } from "./actions.js";
import { element } from "./dialogs.js";
import { formatSize, hrefOf, kindOf, timeFormat } from "./format.js";
import { words } from "./words.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

const formatTime = timeFormat();

/** @param {ShownEntry} entry */
export function rowOf(entry) {
  const { name, type, size, modified } = entry;
  const href = hrefOf(entry);
  const actions = element("td", { class: "actions" });
  if (type === "file") {
    actions.append(element("a", {
      class: "action download",
      href: `${href}?download`,
      "aria-label": words.actions.downloadOf(name),
      title: words.actions.download,
    }));
  }
  const row = element(
    "tr",
    { "data-name": name, "data-type": type },
    element("td", { class: "check" }),
    element(
      "td",
      { class: "name" },
      element("a", { href, class: `icon ${kindOf(entry)}`, title: name }, name),
    ),
    element("td", { class: "size" }, formatSize(size)),
    element(
      "td",
      { class: "modified" },
      element("time", { datetime: modified }),
    ),
    actions,
  );
  complete(row, entry);
  return row;
}

/**
 * Adds to a row what needs a script.
 *
 * @param {HTMLTableRowElement} row
 * @param {ShownEntry} entry
 */
export function complete(row, entry) {
  if (!row.querySelector(".select")) {
    row.querySelector(".check")?.append(checkOf(entry));
  }
  row.querySelector(".room")?.remove();
  row.querySelector(".actions")?.append(...buttonsOf(entry));
  const size = row.querySelector(".size");
  if (size) size.textContent = formatSize(entry.size);
  const time = row.querySelector("time");
  if (time) time.textContent = formatTime(entry.modified);
}

/**
 * Shows an entry in its row anew, without moving the focus.
 *
 * @param {HTMLTableRowElement} row
 * @param {ShownEntry} entry
 */
export function update(row, { size, modified }) {
  const sizeCell = row.querySelector(".size");
  if (sizeCell) sizeCell.textContent = formatSize(size);
  const time = row.querySelector("time");
  if (!time) return;
  time.dateTime = modified ?? "";
  time.textContent = formatTime(modified);
}

/**
 * The entry of a row that the server has made.
 *
 * @param {HTMLTableRowElement} row
 * @returns {ShownEntry}
 */
export function entryIn({ dataset }) {
  const { name = "", type, size, modified, etag } = dataset;
  return {
    name,
    type: type === "directory" ? "directory" : "file",
    size: size ? Number(size) : undefined,
    modified: modified || undefined,
    etag: etag || undefined,
  };
}

/**
 * The box that selects an entry, in a row or a tile.
 *
 * @param {ShownEntry} entry
 */
export function checkOf({ name }) {
  return element("input", {
    type: "checkbox",
    class: "select",
    "aria-label": words.list.selectOne(name),
  });
}

/**
 * The buttons that need a script. Those that the menu has too are no stops of
 * the Tab key: a row would have too many.
 *
 * @param {ShownEntry} entry
 */
function buttonsOf(entry) {
  const { name } = entry;
  const quick = actionsFor([entry]).filter(({ isQuick }) => isQuick);
  return [
    ...quick.map(({ id, label, labelOf }) =>
      element("button", {
        type: "button",
        class: `action quick ${id}`,
        tabindex: "-1",
        "data-action": id,
        "aria-label": labelOf?.(name) ?? `${label}: ${name}`,
        title: label,
      })
    ),
    moreButton(name),
  ];
}

/**
 * The button that opens the menu of an entry, in a row or a tile.
 *
 * @param {string} name
 */
export function moreButton(name) {
  return element("button", {
    type: "button",
    class: "action more",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    "aria-label": words.actions.moreFor(name),
    title: words.common.more,
  });
}
