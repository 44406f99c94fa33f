/**
 * Whitespace and lists in field values. It is a leaf because `wire/` and
 * `files/` both parse them and share nothing else.
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
 * Removes OWS at both ends; `trim()` would also remove U+00A0 and the like. It
 * uses indexes, because `/[ \t]+$/` starts again at each space of a run in the
 * middle, which takes quadratic time.
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
 * Keeps empty members: callers that may ignore them do so explicitly. Only for
 * lists whose members contain no quoted string.
 */
export function listMembers(fieldValue: string): string[] {
  return fieldValue.split(",").map(trimWhitespace);
}
