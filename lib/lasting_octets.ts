/**
 * Octets that no longer change, such as those of a cached file. A response can
 * use them without a copy.
 *
 * @module
 */

const lasting = new WeakSet<Uint8Array>();

/** Marks octets as lasting, and returns them. */
export function lastingOctets<Octets extends Uint8Array>(
  octets: Octets,
): Octets {
  lasting.add(octets);
  return octets;
}

/** Whether octets are marked as lasting. */
export function areLasting(
  octets: Uint8Array,
): octets is Uint8Array<ArrayBuffer> {
  return lasting.has(octets);
}
