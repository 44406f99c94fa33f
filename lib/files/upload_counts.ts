/**
 * How many uploads are unfinished, and how many octets they have: kept in memory,
 * so that to begin one more costs the same however many there are. The disk is
 * counted by `upload_store.ts`.
 *
 * @module
 */

import { HttpError } from "../errors.ts";

/** What may be unfinished, of all uploads together. */
export interface UploadBounds {
  maxUploads: number;
  maxSpace: number;
}

/** What a count of the disk has found of one upload. */
export interface Found {
  /** Octets that are here; undefined once it is a file. */
  octets: number | undefined;
  /** When something of it was last written, in milliseconds since 1970. */
  time: number;
}

/** Seconds after which it may be worth the while to try again. */
const RETRY_AFTER = 60;

/** The uploads of one folder. */
export class UploadCounts {
  #bounds: UploadBounds;
  /** The octets of each that is unfinished. */
  #unfinished = new Map<string, number>();
  #octets = 0;
  /** Those that are files, and told of for a while; the oldest first. */
  #done = new Set<string>();
  /** What changed here while the disk is counted. */
  #changed: Set<string> | undefined;

  constructor(bounds: UploadBounds) {
    this.#bounds = bounds;
  }

  /** Whether one more may begin. */
  get isFull(): boolean {
    return this.#unfinished.size >= this.#bounds.maxUploads;
  }

  /**
   * Counts one that begins. Throws an {@linkcode HttpError}: 503 where there are
   * too many, 507 where it would not fit in whole.
   */
  begin(token: string, length = 0): void {
    if (this.isFull) {
      throw new HttpError(503, "Too many uploads are unfinished, try later", {
        headers: { "retry-after": `${RETRY_AFTER}` },
      });
    }
    this.#refuseMore(length);
    this.resize(token, 0);
  }

  /** Counts octets that are about to be written; throws as `begin` does. */
  grow(token: string, count: number): void {
    this.#refuseMore(count);
    this.resize(token, (this.#unfinished.get(token) ?? 0) + count);
  }

  #refuseMore(count: number): void {
    if (this.#octets + count <= this.#bounds.maxSpace) return;
    throw new HttpError(507, "Unfinished uploads take up all of their space");
  }

  /** Says how many octets one has. */
  resize(token: string, octets: number): void {
    this.#changed?.add(token);
    this.#octets += octets - (this.#unfinished.get(token) ?? 0);
    this.#unfinished.set(token, octets);
  }

  /** Says that one is a file; returns those that need no longer be told of. */
  finish(token: string): string[] {
    this.delete(token);
    this.#done.add(token);
    const surplus = Math.max(0, this.#done.size - this.#bounds.maxUploads);
    return [...this.#done.keys().take(surplus)];
  }

  /** Says that one is gone. */
  delete(token: string): void {
    this.#changed?.add(token);
    this.#octets -= this.#unfinished.get(token) ?? 0;
    this.#unfinished.delete(token);
    this.#done.delete(token);
  }

  /** To be called before the disk is counted. */
  beginCount(): void {
    this.#changed = new Set();
  }

  /** Takes what was found, but for what has changed here in the meantime. */
  endCount(found: Map<string, Found>): void {
    const changed = this.#changed ?? new Set();
    this.#changed = undefined;
    for (const token of [...this.#unfinished.keys(), ...this.#done]) {
      if (!changed.has(token) && !found.has(token)) this.delete(token);
    }
    const byAge = [...found].sort(([, one], [, other]) =>
      one.time - other.time
    );
    for (const [token, { octets }] of byAge) {
      if (changed.has(token)) continue;
      this.delete(token);
      if (octets === undefined) this.#done.add(token);
      else this.resize(token, octets);
    }
  }
}
