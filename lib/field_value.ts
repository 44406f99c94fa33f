/**
 * What field values are made of: whitespace, and lists. It is a leaf because
 * `wire/` and `files/` both take them apart and share nothing else.
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

/**
 *     #element = [ element ] *( OWS "," OWS [ element ] )    RFC 9110 §5.6.1
 *
 * Empty members are kept: whoever may ignore them does so by name. Only for
 * lists whose members hold no quoted string.
 */
export function listMembers(fieldValue: string): string[] {
  return fieldValue.split(",").map(trimWhitespace);
}
