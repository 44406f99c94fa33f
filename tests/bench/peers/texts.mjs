// Texts to compress: words in an order that repeats only after a long while.

const words =
  "the quick brown fox jumps over a lazy dog and then goes on its way through the fields where nobody else has been since autumn"
    .split(" ");

/**
 * A text of so many octets; always the same.
 *
 * @param {number} size
 * @returns {string}
 */
export function textOfSize(size) {
  let state = 1;
  let text = "";
  while (text.length < size) {
    state = (state * 1103515245 + 12345) % 2147483648;
    text += `${words[(state >> 8) % words.length]} `;
  }
  return text.slice(0, size);
}
