/**
 * Octets that no longer change, such as those of a file in the cache. A
 * response can be made of them without a copy.
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
