/**
 * A file goes in, its digests come out.
 *
 * @module
 */

import {
  type DigestAlgorithm,
  DigestHasher,
  type Digests,
} from "./digest_fields.ts";

/** Octets that are read at once. */
const bufferSize = 256 * 1024;

/** The digests of all of a file; an open one stands at its beginning after it. */
export async function digestsOf(
  source: Uint8Array | Deno.FsFile,
  algorithms: Iterable<DigestAlgorithm>,
): Promise<Digests> {
  const hasher = new DigestHasher(algorithms);
  if (source instanceof Uint8Array) {
    hasher.update(source);
    return hasher.digests();
  }
  const buffer = new Uint8Array(bufferSize);
  await source.seek(0, Deno.SeekMode.Start);
  for (let count; (count = await source.read(buffer)) !== null;) {
    hasher.update(buffer.subarray(0, count));
  }
  await source.seek(0, Deno.SeekMode.Start);
  return hasher.digests();
}
