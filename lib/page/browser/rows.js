// Makes the row of an entry, and completes one that the server has made.

import { actionsFor } from "./actions.js";
import { element } from "./dialogs.js";
import { formatSize, hrefOf, kindOf, timeFormat } from "./format.js";
import { words } from "./words.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

const formatTime = timeFormat();

/** A row of nothing: its copies are made far quicker than one of parts. */
const blank = element(
  "tr",
  {},
  element("td", { class: "check" }, checkOf("")),
  element("td", { class: "name" }, element("a")),
  element("td", { class: "size" }),
  element("td", { class: "modified" }, element("time")),
  element(
    "td",
    { class: "actions" },
    element("a", { class: "action download", title: words.actions.download }),
    element("span", { class: "quick" }),
    moreButton(""),
  ),
);

/** @param {ShownEntry} entry */
export function rowOf(entry) {
  const { name, type } = entry;
  const href = hrefOf(entry);
  const row = /** @type {HTMLTableRowElement} */ (blank.cloneNode(true));
  row.dataset.name = name;
  row.dataset.type = type;
  const [check, place, , , actions] = row.cells;
  const [box, link, download, more] = [
    check.firstElementChild,
    /** @type {HTMLAnchorElement} */ (place.firstElementChild),
    /** @type {HTMLAnchorElement} */ (actions.firstElementChild),
    actions.lastElementChild,
  ];
  box?.setAttribute("aria-label", words.list.selectOne(name));
  link.href = href;
  link.className = `icon ${kindOf(entry)}`;
  link.title = name;
  link.textContent = name;
  download.href = `${href}?download`;
  download.setAttribute("aria-label", words.actions.downloadOf(name));
  if (type !== "file") download.remove();
  more?.setAttribute("aria-label", words.actions.moreFor(name));
  update(row, entry);
  return row;
}

/**
 * Adds to a row of the server what needs a script.
 *
 * @param {HTMLTableRowElement} row
 * @param {ShownEntry} entry
 */
export function complete(row, entry) {
  row.querySelector(".room")?.remove();
  row.querySelector(".actions")?.append(
    element("span", { class: "quick" }),
    moreButton(entry.name),
  );
  update(row, entry);
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
  if (modified) time.dateTime = modified;
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
 * @param {string} name
 */
export function checkOf(name) {
  return element("input", {
    type: "checkbox",
    class: "select",
    "aria-label": words.list.selectOne(name),
  });
}

/**
 * Adds the buttons of a row that is pointed at: most never are, and a long list
 * is quicker without. The menu has them too, so they are no stops of the Tab
 * key: a row would have too many.
 *
 * @param {Element} row
 * @param {ShownEntry} entry
 */
export function addQuickButtons(row, entry) {
  const { name } = entry;
  const quick = actionsFor([entry]).filter(({ isQuick }) => isQuick);
  row.querySelector(".quick:empty")?.append(
    ...quick.map(({ id, label, labelOf }) =>
      element("button", {
        type: "button",
        class: `action ${id}`,
        tabindex: "-1",
        "data-action": id,
        "aria-label": labelOf?.(name) ?? `${label}: ${name}`,
        title: label,
      })
    ),
  );
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
