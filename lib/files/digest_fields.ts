/**
 * Digest fields (RFC 9530) go in as text, digests come out, and the other way
 * round; and octets go in, their digests come out.
 *
 * @module
 */

import type { Hash } from "node:crypto";
import { HttpError } from "../errors.ts";
import { trimWhitespace } from "../field_value.ts";

const lengths = { "sha-256": 32, "sha-512": 64 } as const;

/** The algorithms that are fit for it (RFC 9530 §5). */
export type DigestAlgorithm = keyof typeof lengths;

/** Digests in base64. */
export type Digests = Map<DigestAlgorithm, string>;

function isKnown(key: string): key is DigestAlgorithm {
  return Object.hasOwn(lengths, key);
}

//     sf-dictionary = dict-member *( OWS "," OWS dict-member ) RFC 9651 §3.2
//     dict-member   = member-key ( parameters / ( "=" member-value ))
//     member-key    = ( lcalpha / "*" ) *( lcalpha / DIGIT / "_" / "-" / "." / "*" )
//
// Of the values those alone that stand here: byte sequences and integers.
const member =
  /^([a-z*][a-z0-9_.*-]*)=(?::([A-Za-z0-9+/]*={0,2}):|(-?\d{1,15}))((?:; *[a-z*][a-z0-9_.*-]*(?:=[^;,]*)?)*)$/;

interface Member {
  key: string;
  octets: string | undefined;
  integer: string | undefined;
}

/** Undefined where it is no dictionary of such values. The last of a key counts. */
function parseDictionary(field: string): Member[] | undefined {
  if (trimWhitespace(field) === "") return [];
  const members = new Map<string, Member>();
  for (const part of field.split(",")) {
    const match = member.exec(trimWhitespace(part));
    if (!match) return undefined;
    const [, key, octets, integer] = match;
    members.set(key, { key, octets, integer });
  }
  return [...members.values()];
}

/**
 * The digests that a Content-Digest or Repr-Digest field lists. Those of other
 * algorithms are left out. Throws an {@linkcode HttpError} with 400 for a field
 * that is malformed.
 */
export function parseDigests(field: string | null): Digests {
  const digests: Digests = new Map();
  const members = parseDictionary(field ?? "");
  if (!members) throw malformed();
  for (const { key, octets } of members) {
    if (!isKnown(key)) continue;
    if (octets === undefined) throw malformed();
    digests.set(key, canonical(octets, lengths[key]));
  }
  return digests;
}

/** RFC 9651 §4.2.7: padding may be missing. */
function canonical(base64: string, length: number): string {
  const octets = decodeBase64(base64);
  if (octets.length !== length) throw malformed();
  return encodeBase64(octets);
}

function decodeBase64(base64: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(base64);
  } catch {
    throw malformed();
  }
}

function encodeBase64(octets: Uint8Array): string {
  return octets.toBase64();
}

function malformed(): HttpError {
  return new HttpError(400, "A digest field is malformed (RFC 9530 §2)");
}

/**
 * The algorithm that a Want-Repr-Digest field prefers (RFC 9530 §4); undefined
 * if it wants none of ours. It is a hint: a malformed one is ignored.
 */
export function wantedDigest(
  field: string | null,
): DigestAlgorithm | undefined {
  let wanted: { key: DigestAlgorithm; weight: number } | undefined;
  for (const { key, integer } of parseDictionary(field ?? "") ?? []) {
    const weight = Number(integer ?? 0);
    if (!isKnown(key) || weight < 1 || weight > 10) continue;
    const isBetter = !wanted || weight > wanted.weight ||
      weight === wanted.weight && key < wanted.key;
    if (isBetter) wanted = { key, weight };
  }
  return wanted?.key;
}

/** Digests as the value of a field. */
export function encodeDigests(digests: Digests): string {
  return [...digests].map(([key, value]) => `${key}=:${value}:`).join(", ");
}

/** Makes digests of octets as they pass. */
export class DigestHasher {
  readonly #hashes: ReadonlyMap<DigestAlgorithm, Hash>;

  private constructor(hashes: ReadonlyMap<DigestAlgorithm, Hash>) {
    this.#hashes = hashes;
  }

  /** Makes one; with no algorithms it does nothing. */
  static async create(
    algorithms: Iterable<DigestAlgorithm>,
  ): Promise<DigestHasher> {
    const hashes = new Map<DigestAlgorithm, Hash>();
    for (const algorithm of algorithms) {
      // It takes Deno longer to make than all of this server, and few want it.
      const { createHash } = await import("node:crypto");
      hashes.set(algorithm, createHash(algorithm.replace("-", "")));
    }
    return new DigestHasher(hashes);
  }

  update(octets: Uint8Array): void {
    for (const hash of this.#hashes.values()) hash.update(octets);
  }

  /** Those of all octets until now. */
  digests(): Digests {
    return new Map(
      [...this.#hashes].map((
        [key, hash],
      ) => [key, hash.copy().digest("base64")]),
    );
  }
}

/**
 * Throws an {@linkcode HttpError} with 400 where an expected digest is not the
 * actual one.
 */
export function verifyDigests(
  expected: Digests,
  actual: Digests,
  fieldName: string,
): void {
  for (const [key, value] of expected) {
    if (actual.get(key) !== value) {
      throw new HttpError(400, `The content does not match its ${fieldName}`);
    }
  }
}
