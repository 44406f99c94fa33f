// Octets as text that a person can read, and back to what they would type.

/** Signs for octets that are no characters. @type {Record<number, string>} */
const signs = { 0: "\\0", 9: "\\t", 10: "\\n", 13: "\\r" };

/**
 * What may be shown as it is: letters, digits, punctuation and symbols. Others
 * could change the direction of the text, or be invisible.
 */
const shown = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @typedef {{ text: string, length: number, isSign: boolean }} Piece */

/**
 * The octets as characters and signs, each with the number of octets it stands
 * for. Characters beyond ASCII are shown if they are whole.
 *
 * @param {Uint8Array} octets
 * @returns {Generator<Piece>}
 */
export function* piecesOf(octets) {
  for (let at = 0; at < octets.length;) {
    const character = octets[at] < 0x80 ? undefined : characterAt(octets, at);
    if (character) {
      yield { ...character, isSign: false };
      at += character.length;
    } else yield pieceOf(octets[at++]);
  }
}

/**
 * @param {number} octet
 * @returns {Piece}
 */
function pieceOf(octet) {
  const isSign = octet < 32 || octet > 126;
  const text = signs[octet] ??
    (isSign ? `\\x${hexOf(octet)}` : String.fromCharCode(octet));
  return { text, length: 1, isSign };
}

/**
 * @param {Uint8Array} octets
 * @param {number} at
 */
function characterAt(octets, at) {
  const first = octets[at];
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (length === 0 || at + length > octets.length) return undefined;
  try {
    const text = decoder.decode(octets.subarray(at, at + length));
    return shown.test(text) ? { text, length } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The octets as text, each line end as its signs and a line break.
 *
 * @param {Uint8Array} octets
 */
export function visible(octets) {
  let all = "";
  for (const { text } of piecesOf(octets)) {
    all += text === "\\n" ? "\\n\n" : text;
  }
  return all;
}

/**
 * The same for text that has a character for each octet.
 *
 * @param {string} latin1
 */
export function visibleLatin1(latin1) {
  return visible(
    Uint8Array.from(latin1, (character) => character.charCodeAt(0)),
  );
}

/**
 * The characters beyond ASCII, with the octets of each.
 *
 * @param {Uint8Array} octets
 * @returns {Map<string, string>}
 */
export function charactersBeyond(octets) {
  const found = new Map();
  let at = 0;
  for (const { text, length } of piecesOf(octets)) {
    if (length > 1) {
      found.set(
        text,
        [...octets.subarray(at, at + length)].map(hexOf).join(" "),
      );
    }
    at += length;
  }
  return found;
}

/** @param {number} octet */
export function hexOf(octet) {
  return octet.toString(16).padStart(2, "0");
}

/**
 * What to type, with lines that end with CR LF, so that these octets are sent.
 *
 * @param {Uint8Array} octets
 */
export function typedText(octets) {
  let typed = "";
  let at = 0;
  for (const { text, length, isSign } of piecesOf(octets)) {
    const isLineEnd = octets[at] === 13 && octets[at + 1] === 10;
    const endsLine = octets[at] === 10 && octets[at - 1] === 13;
    if (endsLine) typed += "\n";
    else if (!isLineEnd) typed += isSign ? text : text.replace("\\", "\\\\");
    at += length;
  }
  return typed;
}

/**
 * The octets of a message, which arrive in Base64.
 *
 * @param {string} base64
 */
export function octetsOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
