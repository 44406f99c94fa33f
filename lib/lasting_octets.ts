/**
 * Octets that nobody changes any more, such as those of a file that is kept. Of
 * these a response can be made without a copy.
 *
 * @module
 */

const lasting = new WeakSet<Uint8Array>();

/** Says of octets that they last, and returns them. */
export function lastingOctets<Octets extends Uint8Array>(
  octets: Octets,
): Octets {
  lasting.add(octets);
  return octets;
}

/** Whether that was said of them. */
export function areLasting(
  octets: Uint8Array,
): octets is Uint8Array<ArrayBuffer> {
  return lasting.has(octets);
}
