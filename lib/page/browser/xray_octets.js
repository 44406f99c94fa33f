// The octets of a message, part by part: as text, or in hexadecimal with the
// text beside it. One part at a time can have the focus; the arrow keys lead
// from one to the next.

import { element } from "./dialogs.js";
import { explain } from "./explanations.js";
import { hexOf, piecesOf, visible } from "./octet_text.js";
import { isNarrow } from "./xray_page_parts.js";
import { words as all } from "./words.js";

const words = all.xray;

/** @typedef {import("./xray_hooks.js").Part} Part */
/** @typedef {{ side: "request" | "response", bytes: Uint8Array, parts: Part[] }} Kept */

/** How many octets are shown in hexadecimal at first. */
const MOST_HEX = 4096;

/**
 * @param {Kept} message
 * @param {{ isHex: boolean, onTell: (part: Part) => void }} options
 */
export function octetsView(message, { isHex, onTell }) {
  const title = words.details.title[message.side];
  const view = element("pre", {
    class: isHex ? "octets hex" : "octets",
    role: "group",
    "aria-label": words.details.octetByOctet(title),
  });
  if (isHex) fillWithHex(view, message, MOST_HEX);
  else fillWithText(view, message);
  view.querySelector(".part")?.setAttribute("tabindex", "0");

  /** @param {Event} event */
  const tell = ({ target }) => {
    const chosen = target instanceof Element && target.closest(".part");
    if (!chosen) return;
    const number = chosen.getAttribute("data-part");
    for (const told of document.querySelectorAll(".part.told")) {
      told.classList.remove("told");
    }
    for (const each of view.querySelectorAll(`[data-part="${number}"]`)) {
      each.classList.add("told");
    }
    onTell(message.parts[Number(number)]);
  };
  for (const type of ["pointerover", "focusin", "click", "tell"]) {
    view.addEventListener(type, tell);
  }
  view.addEventListener("keydown", (event) => moveByKey(view, event));
  return view;
}

/**
 * @param {HTMLElement} view
 * @param {Kept} message
 */
function fillWithText(view, { bytes, parts }) {
  view.append(...parts.map((part, number) => {
    const octets = bytes.subarray(part.from, part.to);
    const span = partSpan(part, number, octets, visible(octets));
    for (const { text, isSign } of piecesOf(octets)) {
      if (!isSign) span.append(text);
      else {
        span.append(element("span", { class: "sign" }, text));
        if (text === "\\n") span.append("\n");
      }
    }
    span.normalize();
    return span;
  }));
}

/**
 * @param {HTMLElement} view
 * @param {Kept} message
 * @param {number} most
 */
function fillWithHex(view, { bytes, parts }, most) {
  const width = isNarrow() ? 8 : 16;
  const end = Math.min(bytes.length, most);
  const digits = Math.max(4, (bytes.length - 1).toString(16).length);
  let number = 0;
  view.replaceChildren();
  for (let row = 0; row < end; row += width) {
    const stop = Math.min(end, row + width);
    const hex = [];
    const text = [];
    for (let at = row; at < stop;) {
      while (parts[number].to <= at) number++;
      const to = Math.min(stop, parts[number].to);
      const octets = bytes.subarray(at, to);
      const isFirst = at === parts[number].from;
      const digitPairs = [...octets].map(hexOf).join(" ");
      const shown = isFirst ? digitPairs : undefined;
      const span = partSpan(parts[number], number, octets, shown);
      span.append(digitPairs);
      hex.push(span, to < stop ? " " : "");
      text.push(textSpan(parts[number], number, octets));
      at = to;
    }
    view.append(
      element(
        "span",
        { class: "hex-offset" },
        row.toString(16).padStart(digits, "0"),
      ),
      "  ",
      ...hex,
      " ".repeat(3 * (row + width - stop) + 2),
      ...text,
      "\n",
    );
  }
  if (end === bytes.length) return;
  const more = element("button", { type: "button" }, words.details.all);
  more.addEventListener(
    "click",
    () => fillWithHex(view, { side: "request", bytes, parts }, bytes.length),
  );
  view.append(more);
}

/**
 * @param {Part} part
 * @param {number} number
 * @param {Uint8Array} octets
 * @param {string} [shown] what stands in it, if it can have the focus
 */
function partSpan(part, number, octets, shown) {
  return element("span", {
    class: `part ${part.kind}`,
    "data-part": `${number}`,
    "data-class": part.kind === "status" ? visible(octets)[0] : undefined,
    tabindex: shown === undefined ? undefined : "-1",
    role: shown === undefined ? undefined : "button",
    "aria-label": shown === undefined
      ? undefined
      : `${explain(part, visible(octets)).name}: ${shown}`,
  });
}

/**
 * @param {Part} part
 * @param {number} number
 * @param {Uint8Array} octets
 */
function textSpan({ kind }, number, octets) {
  const text = [...octets].map((octet) =>
    octet < 32 || octet > 126 ? "·" : String.fromCharCode(octet)
  ).join("");
  return element("span", {
    class: `part ${kind}`,
    "data-part": `${number}`,
    "aria-hidden": "true",
  }, text);
}

/**
 * @param {HTMLElement} view
 * @param {KeyboardEvent} event
 */
function moveByKey(view, event) {
  const parts = [...view.querySelectorAll(".part[role]")];
  const at = parts.findIndex((part) => part === document.activeElement);
  /** @type {Record<string, number>} */
  const places = {
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    Home: 0,
    End: parts.length - 1,
  };
  const next = parts[places[event.key]];
  if (at < 0 || !(next instanceof HTMLElement)) return;
  event.preventDefault();
  parts[at].setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
}
