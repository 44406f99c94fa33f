/**
 * Digests (RFC 9530): parses and formats their fields, and computes them for
 * octets as they pass or for an open file. Of requests it knows only the fields
 * and a signal.
 *
 * @module
 */

import type { Hash } from "node:crypto";
import { HttpError } from "../errors.ts";
import { trimWhitespace } from "../field_value.ts";
import { isSettled } from "./file_cache.ts";

/** Octets of a file read at once; other work runs between two reads. */
const BUFFER_SIZE = 256 * 1024;
/** How many digests of files are computed at once; others wait. */
const MOST_AT_ONCE = 2;
/** How many digests of files are kept, about 200 octets each. */
const MOST_KEPT = 1000;

const lengths = { "sha-256": 32, "sha-512": 64 } as const;

/** The algorithms that withstand attacks (RFC 9530 §5). */
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
// Only the values that occur here: byte sequences and integers.
const member =
  /^([a-z*][a-z0-9_.*-]*)=(?::([A-Za-z0-9+/]*={0,2}):|(-?\d{1,15}))((?:; *[a-z*][a-z0-9_.*-]*(?:=[^;,]*)?)*)$/;

interface Member {
  key: string;
  octets: string | undefined;
  integer: string | undefined;
}

/**
 * Undefined if it is not a dictionary of such values. The last value of a key
 * counts.
 */
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
 * The digests that a Content-Digest or Repr-Digest field lists; other
 * algorithms are left out. Throws an {@linkcode HttpError} with 400 for a
 * malformed field.
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
 * if it wants none that is supported. The field is a hint: a malformed one is
 * ignored.
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

/** Encodes digests as a field value. */
export function encodeDigests(digests: Digests): string {
  return [...digests].map(([key, value]) => `${key}=:${value}:`).join(", ");
}

/** Computes digests of octets as they pass. */
export class DigestHasher {
  readonly #hashes: ReadonlyMap<DigestAlgorithm, Hash>;

  private constructor(hashes: ReadonlyMap<DigestAlgorithm, Hash>) {
    this.#hashes = hashes;
  }

  /** Creates a hasher; without algorithms it does nothing. */
  static async create(
    algorithms: Iterable<DigestAlgorithm>,
  ): Promise<DigestHasher> {
    const hashes = new Map<DigestAlgorithm, Hash>();
    for (const algorithm of algorithms) {
      // Loaded on demand: it takes Deno longer than the whole server, and is
      // rarely needed.
      const { createHash } = await import("node:crypto");
      hashes.set(algorithm, createHash(algorithm.replace("-", "")));
    }
    return new DigestHasher(hashes);
  }

  update(octets: Uint8Array): void {
    for (const hash of this.#hashes.values()) hash.update(octets);
  }

  /** The digests of all octets so far. */
  digests(): Digests {
    return new Map(
      [...this.#hashes].map((
        [key, hash],
      ) => [key, hash.copy().digest("base64")]),
    );
  }
}

/**
 * Throws an {@linkcode HttpError} with 400 if an expected digest differs from
 * the actual one.
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

/** The digest of octets in memory, in base64. */
export async function digestOfOctets(
  octets: Uint8Array,
  algorithm: DigestAlgorithm,
): Promise<string | undefined> {
  const hasher = await DigestHasher.create([algorithm]);
  hasher.update(octets);
  return hasher.digests().get(algorithm);
}

/** The digests that a request sends and asks for; its content is the file. */
export class RequestDigests {
  readonly #content: Digests;
  readonly #representation: Digests;
  readonly #wanted: DigestAlgorithm | undefined;
  readonly #hasher: DigestHasher;

  private constructor(
    { content, representation, wanted, hasher }: {
      content: Digests;
      representation: Digests;
      wanted: DigestAlgorithm | undefined;
      hasher: DigestHasher;
    },
  ) {
    this.#content = content;
    this.#representation = representation;
    this.#wanted = wanted;
    this.#hasher = hasher;
  }

  /** Rejects with an {@linkcode HttpError} with 400 for a malformed field. */
  static async read(headers: Headers): Promise<RequestDigests> {
    const content = parseDigests(headers.get("content-digest"));
    const representation = parseDigests(headers.get("repr-digest"));
    const wanted = wantedDigest(headers.get("want-repr-digest"));
    const hasher = await DigestHasher.create(
      new Set([
        ...content.keys(),
        ...representation.keys(),
        ...wanted ? [wanted] : [],
      ]),
    );
    return new RequestDigests({ content, representation, wanted, hasher });
  }

  /** Passes the content through; throws at its end if a digest differs. */
  async *verified(
    content: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    for await (const octets of content) {
      this.#hasher.update(octets);
      yield octets;
    }
    const actual = this.#hasher.digests();
    verifyDigests(this.#content, actual, "Content-Digest");
    verifyDigests(this.#representation, actual, "Repr-Digest");
  }

  /** The digest field of the response. */
  fields(): Record<string, string> {
    const asked = this.#wanted ?? this.#representation.keys().next().value;
    const value = asked && this.#hasher.digests().get(asked);
    return value
      ? { "repr-digest": encodeDigests(new Map([[asked, value]])) }
      : {};
  }
}

interface Asker {
  file: Deno.FsFile;
  resolve: (digest: string | undefined) => void;
  reject: (error: unknown) => void;
}

/**
 * The digests of files, which are too large to hash for each request. Each
 * digest is computed once for all that ask at the same time, kept while the
 * file is unchanged, and abandoned when no one waits for it.
 */
export class FileDigests {
  #kept = new Map<string, string>();
  /** Running and waiting computations. */
  #computations = new Map<string, Computation>();
  #waiting = new Set<Computation>();
  #running = 0;

  /**
   * The digest of a whole file, in base64; undefined if the signal has aborted,
   * or the file changed meanwhile.
   *
   * @param file Stays open; its position is undefined afterwards.
   */
  async digestOf(
    file: Deno.FsFile,
    algorithm: DigestAlgorithm,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    const info = file.statSync();
    const key = keyOf(info, algorithm);
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#keep(key, kept);
      return kept;
    }
    if (signal?.aborted) return undefined;
    const computation = this.#computations.get(key) ??
      this.#enqueue(new Computation(key, algorithm, info));
    const { promise, resolve, reject } = Promise.withResolvers<
      string | undefined
    >();
    const asker = { file, resolve, reject };
    const leave = () => this.#leave(computation, asker);
    computation.askers.add(asker);
    signal?.addEventListener("abort", leave);
    this.#startNext();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  }

  #enqueue(computation: Computation): Computation {
    this.#computations.set(computation.key, computation);
    this.#waiting.add(computation);
    return computation;
  }

  #leave(computation: Computation, asker: Asker): void {
    computation.leave(asker);
    if (computation.askers.size > 0) return;
    if (!this.#waiting.delete(computation)) return;
    this.#computations.delete(computation.key);
  }

  #startNext(): void {
    for (const computation of this.#waiting) {
      if (this.#running === MOST_AT_ONCE) return;
      this.#waiting.delete(computation);
      this.#running++;
      this.#run(computation);
    }
  }

  async #run(computation: Computation): Promise<void> {
    const { key, info } = computation;
    const digest = await computation.run(() => this.#computations.delete(key));
    this.#running--;
    // A file that changed a moment ago may change again within one clock tick.
    if (digest !== undefined && isSettled(info)) this.#keep(key, digest);
    this.#startNext();
  }

  /** Keeps a digest as the newest. */
  #keep(key: string, digest: string): void {
    this.#kept.delete(key);
    this.#kept.set(key, digest);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) return;
      this.#kept.delete(oldest);
    }
  }
}

/** A key that changes with the file. */
function keyOf(info: Deno.FileInfo, algorithm: DigestAlgorithm): string {
  const { dev, ino, size, mtime, ctime } = info;
  return [algorithm, dev, ino, size, mtime?.getTime(), ctime?.getTime()]
    .join(" ");
}

/** One pass over a file, for all that ask for its digest. */
class Computation {
  /** All of them have opened the same file, so any handle can be read. */
  readonly askers = new Set<Asker>();
  #reader: Asker | undefined;

  constructor(
    readonly key: string,
    readonly algorithm: DigestAlgorithm,
    readonly info: Deno.FileInfo,
  ) {}

  /**
   * An asker closes its file when told, so one that is being read is told
   * afterwards.
   */
  leave(asker: Asker): void {
    this.askers.delete(asker);
    if (asker !== this.#reader) asker.resolve(undefined);
  }

  /**
   * Answers all that ask; fulfilled with the digest, if there is one.
   *
   * @param onOver Called when it is too late to join.
   */
  async run(onOver: () => void): Promise<string | undefined> {
    try {
      const digest = await this.#hash();
      onOver();
      for (const { resolve } of this.askers) resolve(digest);
      return digest;
    } catch (error) {
      onOver();
      for (const { reject } of this.askers) reject(error);
      return undefined;
    }
  }

  async #hash(): Promise<string | undefined> {
    const hasher = await DigestHasher.create([this.algorithm]);
    const buffer = new Uint8Array(Math.min(BUFFER_SIZE, this.info.size));
    for (let at = 0; at < this.info.size;) {
      const [asker] = this.askers;
      if (asker === undefined) return undefined;
      const count = await this.#read(asker, at, buffer);
      if (count === null) return undefined;
      hasher.update(buffer.subarray(0, count));
      at += count;
    }
    const [asker] = this.askers;
    const isUnchanged = asker &&
      keyOf(asker.file.statSync(), this.algorithm) === this.key;
    return isUnchanged ? hasher.digests().get(this.algorithm) : undefined;
  }

  async #read(
    asker: Asker,
    at: number,
    buffer: Uint8Array,
  ): Promise<number | null> {
    this.#reader = asker;
    try {
      asker.file.seekSync(at, Deno.SeekMode.Start);
      return await asker.file.read(buffer);
    } finally {
      this.#reader = undefined;
      if (!this.askers.has(asker)) asker.resolve(undefined);
    }
  }
}
