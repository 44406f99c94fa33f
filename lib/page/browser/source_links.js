// From each part of a message to the code that decides it, and to the test that
// proves it: lines of both, which are loaded when somebody asks for them.

import { element } from "./dialogs.js";
import { words } from "./words.js";
import { addLinks } from "./xray_hooks.js";

/** @typedef {import("./xray_hooks.js").Part} Part */
/** @typedef {Record<string, string>} Texts */
/** @typedef {Record<string, string[]>} Proofs */
/**
 * @typedef {object} Sources
 * @property {Texts} pieces
 * @property {Proofs} kinds
 * @property {Proofs} fields
 * @property {Proofs} refusals
 */

const texts = words.lessons.sources;

/** Whether the last one was open: then the next one is, too. */
let isOpen = false;

addLinks((part) => {
  const place = element(
    "details",
    { class: "sources", open: isOpen },
    element("summary", {}, texts.title),
  );
  let isFilled = false;
  const fill = async () => {
    if (isFilled) return;
    isFilled = true;
    place.append(...piecesFor(part, await import("./sources.js")));
  };
  place.addEventListener("toggle", () => {
    if (!place.isConnected) return;
    isOpen = place.open;
    if (isOpen) fill();
  });
  if (isOpen) fill();
  return [place];
});

/**
 * @param {Part} part
 * @param {Sources} sources
 * @returns {Node[]}
 */
function piecesFor(part, sources) {
  const [code, test] = placesOf(part, sources);
  return [[texts.code, code], [texts.test, test]].flatMap(([title, place]) => {
    const [path, line] = place.split(":");
    return [
      element(
        "p",
        {},
        `${title} `,
        element("code", {}, path),
        ` ${texts.line(line)}`,
      ),
      element("pre", { tabindex: "0" }, sources.pieces[place]),
    ];
  });
}

/**
 * Where the code is, and its test.
 *
 * @param {Part} part
 * @param {Sources} sources
 */
function placesOf({ kind, meant, note = "" }, { kinds, fields, refusals }) {
  const isField = Object.hasOwn(fields, note) &&
    /^(?:field|trailer)/.test(kind);
  const known = isField ? fields[note] : kinds[meant ?? kind] ?? kinds.wrong;
  return Object.hasOwn(refusals, note) ? refusals[note] : known;
}
