/**
 * The value of the Date field (RFC 9110 §6.6.1).
 *
 * @module
 */

let second = 0;
let text = "";

/** Now as an IMF-fixdate (RFC 9110 §5.6.7), made anew once a second. */
export function currentDate(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    text = new Date(now * 1000).toUTCString();
  }
  return text;
}
