// From what a person types to octets: what cannot be typed is written as an
// escape, and a wait as one, too.

/** @type {Record<string, string>} */
const ends = { crlf: "\r\n", lf: "\n", cr: "\r", none: "" };

/** @type {Record<string, string>} */
const escapes = { r: "\r", n: "\n", t: "\t", 0: "\0", "\\": "\\" };

/**
 * The typed text as octets, and the places in them where to wait for an answer
 * before the rest is sent.
 *
 * @param {string} text
 * @param {string} end how each line ends
 * @returns {{ octets: Blob, waits: number[] }}
 */
export function typedOctets(text, end) {
  const lines = text.replaceAll("\n", ends[end]);
  /** @type {number[]} */
  const waits = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const pieces = [];
  let length = 0;
  // Every second piece is an escape.
  const split = lines.split(/(\\x[\da-f]{2}|\\[rnt0w\\])/i);
  for (const [at, piece] of split.entries()) {
    if (at % 2 === 1 && piece[1].toLowerCase() === "w") {
      waits.push(length);
      continue;
    }
    const octets = at % 2 === 0
      // Characters beyond ASCII are sent as UTF-8; an escape is one octet.
      ? new TextEncoder().encode(piece)
      : Uint8Array.of(codeOf(piece));
    length += octets.length;
    pieces.push(octets);
  }
  return { octets: new Blob(pieces), waits };
}

/** @param {string} escape */
function codeOf(escape) {
  const sign = escape[1].toLowerCase();
  return sign === "x"
    ? parseInt(escape.slice(2), 16)
    : escapes[sign].charCodeAt(0);
}
