/**
 * An open file goes in, its digest comes out. It is computed once for all that
 * ask at the same time, kept while the file is what it was, and given up when
 * nobody waits for it any more; only a few are computed at once. Of requests it
 * knows no more than a signal.
 *
 * @module
 */

import { type DigestAlgorithm, DigestHasher } from "./digest_fields.ts";
import { isSettled } from "./validators.ts";

/** Octets that are read at once; between two reads others have their turn. */
const bufferSize = 256 * 1024;
/** Digests that are computed at once; the others wait for their turn. */
const mostAtOnce = 2;
/** Digests that are kept: some 200 octets each. */
const mostKept = 1000;

interface Asker {
  file: Deno.FsFile;
  resolve: (digest: string | undefined) => void;
  reject: (error: unknown) => void;
}

/** The digests of files that are too large to be hashed at each request. */
export class FileDigests {
  #kept = new Map<string, string>();
  /** Those under way, and those that wait. */
  #computations = new Map<string, Computation>();
  #waiting = new Set<Computation>();
  #running = 0;

  /**
   * The digest of all of a file, in base64; undefined where the signal has
   * aborted, and where the file changed meanwhile, as it has none then.
   *
   * @param file It stays open, and stands anywhere afterwards.
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
      if (this.#running === mostAtOnce) return;
      this.#waiting.delete(computation);
      this.#running++;
      this.#run(computation);
    }
  }

  async #run(computation: Computation): Promise<void> {
    const { key, info } = computation;
    const digest = await computation.run(() => this.#computations.delete(key));
    this.#running--;
    // What changed a moment ago may do so again within a tick of its clock.
    if (digest !== undefined && isSettled(info)) this.#keep(key, digest);
    this.#startNext();
  }

  /** Keeps one as the youngest. */
  #keep(key: string, digest: string): void {
    this.#kept.delete(key);
    this.#kept.set(key, digest);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) return;
      this.#kept.delete(oldest);
    }
  }
}

/** Whatever a change of the file changes as well. */
function keyOf(info: Deno.FileInfo, algorithm: DigestAlgorithm): string {
  const { dev, ino, size, mtime, ctime } = info;
  return [algorithm, dev, ino, size, mtime?.getTime(), ctime?.getTime()]
    .join(" ");
}

/** One reading of a file, for all that ask for its digest. */
class Computation {
  /** They have opened the same file: any of theirs can be read. */
  readonly askers = new Set<Asker>();
  #reader: Asker | undefined;

  constructor(
    readonly key: string,
    readonly algorithm: DigestAlgorithm,
    readonly info: Deno.FileInfo,
  ) {}

  /** One whose file is being read is told after that, as it then closes it. */
  leave(asker: Asker): void {
    this.askers.delete(asker);
    if (asker !== this.#reader) asker.resolve(undefined);
  }

  /**
   * Tells all that ask; fulfilled with the digest, if there is one.
   *
   * @param onOver Called when it is too late to ask.
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
    const buffer = new Uint8Array(Math.min(bufferSize, this.info.size));
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
