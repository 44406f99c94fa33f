/**
 * The whitespace that fields know. It is a leaf because `wire/` and `files/` both
 * take lists apart and share nothing else.
 *
 * @module
 */

/**
 *     OWS = *( SP / HTAB )                                   RFC 9110 §5.6.3
 */
export function isWhitespace(octet: number | undefined): boolean {
  return octet === 0x20 || octet === 0x09;
}

/**
 * Without the OWS at both ends; `trim()` would also take U+00A0 and the like. By
 * index: `/[ \t]+$/` begins anew at each space of a run in the middle, which takes
 * time that grows with the square of its length.
 */
export function trimWhitespace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhitespace(text.charCodeAt(start))) start++;
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}
