// The question that follows when two people have changed a text: shows both.

import { element } from "./dialogs.js";
import { words } from "./words.js";

/**
 * @param {string} name
 * @param {string} mine
 * @param {import("./editor.js").RemoteText} theirs
 * @returns {Promise<"mine" | "theirs" | "other" | "">} empty if the user goes on
 * editing
 */
export async function compare(name, mine, theirs) {
  const isGone = theirs.etag === undefined;
  const [left, right] = differing(mine, theirs.text);
  const dialog = element(
    "dialog",
    { class: "wide", "aria-labelledby": "conflict-title" },
    element("h2", { id: "conflict-title" }, words.preview.conflictTitle),
    element(
      "p",
      { dir: "auto" },
      isGone ? words.preview.gone(name) : words.preview.conflict(name),
    ),
    element(
      "div",
      { class: "versions" },
      version(words.preview.mine, left),
      ...(isGone ? [] : [version(words.preview.theirs, right)]),
    ),
    element(
      "form",
      { method: "dialog", class: "row" },
      choice("mine", isGone ? words.preview.saveAgain : words.preview.keepMine),
      ...(isGone ? [] : [choice("theirs", words.preview.takeTheirs)]),
      choice("other", words.preview.saveAs),
      element(
        "button",
        { value: "", autofocus: true, class: "main" },
        words.preview.keepEditing,
      ),
    ),
  );
  document.body.append(dialog);
  const closed = new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue));
  });
  // Esc is for this dialog, not for the preview below it.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.showModal();
  const answer = await closed;
  dialog.remove();
  return answer;
}

/** @param {string} value @param {string} label */
function choice(value, label) {
  return element("button", { value }, label);
}

/** @param {string} title @param {Node[]} text */
function version(title, text) {
  return element(
    "section",
    { "aria-label": title },
    element("h3", {}, title),
    element("pre", { tabindex: "0", dir: "auto" }, ...text),
  );
}

/**
 * Two texts, with the lines marked from the first that differs to the last.
 *
 * @param {string} mine
 * @param {string} theirs
 * @returns {[Node[], Node[]]}
 */
function differing(mine, theirs) {
  const [a, b] = [mine.split("\n"), theirs.split("\n")];
  const most = Math.min(a.length, b.length);
  let before = 0;
  while (before < most && a[before] === b[before]) before++;
  let after = 0;
  while (after < most - before && a.at(-1 - after) === b.at(-1 - after)) {
    after++;
  }
  return [marked(a, before, after), marked(b, before, after)];
}

/**
 * @param {string[]} lines
 * @param {number} before
 * @param {number} after
 */
function marked(lines, before, after) {
  const end = lines.length - after;
  /** @param {string[]} some */
  const text = (some) => some.map((line) => `${line}\n`).join("");
  return [
    document.createTextNode(text(lines.slice(0, before))),
    element("mark", {}, text(lines.slice(before, end))),
    document.createTextNode(text(lines.slice(end))),
  ];
}
