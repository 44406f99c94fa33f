// What lessons may do with X-ray: fill the composer, hear of what was answered,
// and add links to what is said of a part. X-ray itself knows no lesson.

/**
 * `meant` is the kind that a part of kind `wrong` would have if it were valid.
 *
 * @typedef {{ from: number, to: number, kind: string, note?: string, section?: string, meant?: string }} Part
 */
/**
 * One direction of an exchange: its octets, up to the number that is kept, and
 * their parts.
 *
 * @typedef {{ side: "request" | "response", length: number, bytes: Uint8Array, parts: Part[] }} Message
 */
/**
 * An exchange with all that is kept of it. `statuses` are those of the interim
 * responses and of the final one, in order.
 *
 * @typedef {object} Exchange
 * @property {number} id
 * @property {number} connection
 * @property {string} client
 * @property {string} method
 * @property {string} target
 * @property {number} [status]
 * @property {number[]} statuses
 * @property {{ name: string, from: number, to: number }[]} stages
 * @property {Message} request
 * @property {Message} response
 */
/**
 * What a person sent with the composer, and every exchange that the server took
 * it for: none, one or several, in order.
 *
 * @typedef {{ client: string, octets: Uint8Array, exchanges: Exchange[] }} Typed
 */
/**
 * What to put into the composer: text in its notation, how each line ends, and
 * what happens after the last octet.
 *
 * @typedef {object} Draft
 * @property {string} text
 * @property {"crlf" | "lf" | "cr" | "none"} [lineEnd]
 * @property {"half-close" | "stay" | "hang-up"} [end]
 */

/** @type {((draft: Draft) => void)[]} */
const composers = [];
/** @type {((typed: Typed) => void)[]} */
const listeners = [];
/** @type {((part: Part, written: string) => Iterable<Node>)[]} */
const linkers = [];

/**
 * Puts a request into the composer, and moves the focus there.
 *
 * @param {Draft} draft
 */
export function fillComposer(draft) {
  for (const fill of composers) fill(draft);
}

/**
 * Calls back each time that what was typed has been answered, as soon as all of
 * its exchanges are over.
 *
 * @param {(typed: Typed) => void} listener
 */
export function onTyped(listener) {
  listeners.push(listener);
}

/**
 * Adds links, or other nodes, to what is said of a part.
 *
 * @param {(part: Part, written: string) => Iterable<Node>} linker `written` is
 * the part as it is shown
 */
export function addLinks(linker) {
  linkers.push(linker);
}

// For X-ray itself.

/** @param {(draft: Draft) => void} fill */
export function offerComposer(fill) {
  composers.push(fill);
}

/** @param {Typed} typed */
export function tellTyped(typed) {
  for (const listener of listeners) listener(typed);
}

/**
 * @param {Part} part
 * @param {string} written
 * @returns {Node[]}
 */
export function linksOf(part, written) {
  return linkers.flatMap((link) => [...link(part, written)]);
}
