// What is said of a part: its name, its meaning, its octets, and where to read
// on.

import { element } from "./dialogs.js";
import { explain, linkOf } from "./explanations.js";
import { charactersBeyond, visible } from "./octet_text.js";
import { linksOf } from "./xray_hooks.js";
import { words as all } from "./words.js";

const words = all.xray;

/** @typedef {import("./xray_hooks.js").Part} Part */

/** How many characters are told with their octets. */
const MOST_CHARACTERS = 6;

/**
 * @param {Part} part
 * @param {Uint8Array} message the octets that it is a part of
 * @returns {(Node | string)[]}
 */
export function explanationOf(part, message) {
  const octets = message.subarray(part.from, part.to);
  const { name, text } = explain(part, visible(octets));
  const beyond = [...charactersBeyond(octets.subarray(0, 4096))]
    .slice(0, MOST_CHARACTERS);
  return [
    element("strong", {}, name),
    ` (${words.octets(octets.length)}). ${text} `,
    ...beyond.length > 0 ? [`${words.details.beyond(beyond)} `] : [],
    sectionLink(part, octets),
    ...linksOf(part, visible(octets)),
  ];
}

/**
 * @param {Part} part
 * @param {Uint8Array} octets
 */
export function sectionLink(part, octets) {
  const { section } = explain(part, visible(octets));
  return element("a", {
    href: linkOf(section),
    rel: "noreferrer",
    target: "_blank",
  }, section);
}
