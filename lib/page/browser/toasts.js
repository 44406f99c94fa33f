// Messages at the bottom of the window that go by themselves, some with a
// button. One replaces another.

import { element } from "./element.js";

/** How long (ms) a message stays, and one that can be undone. */
const SHORT = 6000;
const LONG = 10_000;

/**
 * @typedef {object} Offer
 * @property {string} label such as `Undo`
 * @property {() => unknown} run
 */

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {Offer | undefined} */
let offered;

/**
 * Shows a message for a while.
 *
 * @param {string} text
 * @param {Offer} [offer] a button beside it
 */
export function say(text, offer) {
  const status = document.querySelector("#status");
  if (!status) return;
  hide(status);
  offered = offer;
  status.textContent = text;
  if (offer) {
    const button = element("button", { type: "button" }, offer.label);
    button.addEventListener("click", takeOffer);
    status.append(button);
  }
  timer = setTimeout(() => hide(status), offer ? LONG : SHORT);
}

/**
 * Does what the button beside the message does.
 *
 * @returns {boolean} whether there is one
 */
export function takeOffer() {
  const status = document.querySelector("#status");
  const offer = offered;
  if (!status || !offer) return false;
  hide(status);
  offer.run();
  return true;
}

/** @param {Element} status */
function hide(status) {
  clearTimeout(timer);
  offered = undefined;
  status.replaceChildren();
}
