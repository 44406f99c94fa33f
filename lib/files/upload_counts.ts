/**
 * Counts unfinished uploads and their octets in memory, so that the cost of
 * beginning one does not grow with their number. `upload_store.ts` counts the
 * disk.
 *
 * @module
 */

import { HttpError } from "../errors.ts";

/** The bounds of all unfinished uploads together. */
export interface UploadBounds {
  maxUploads: number;
  maxSpace: number;
}

/** What a count of the disk found of an upload. */
export interface Found {
  /** Octets that have arrived; undefined once it is a file. */
  octets: number | undefined;
  /** When it was last written, in milliseconds since 1970. */
  time: number;
}

/** Seconds after which a client may try again. */
const RETRY_AFTER = 60;

/** The uploads of one folder. */
export class UploadCounts {
  #bounds: UploadBounds;
  /** The octets of each unfinished upload. */
  #unfinished = new Map<string, number>();
  #octets = 0;
  /** Uploads that became files and are remembered for a while, oldest first. */
  #done = new Set<string>();
  /** Uploads that changed here while the disk is counted. */
  #changed: Set<string> | undefined;

  constructor(bounds: UploadBounds) {
    this.#bounds = bounds;
  }

  /** Whether no further upload may begin. */
  get isFull(): boolean {
    return this.#unfinished.size >= this.#bounds.maxUploads;
  }

  /**
   * Counts a new upload. Throws an {@linkcode HttpError}: 503 if there are too
   * many, 507 if its whole length would not fit.
   */
  begin(token: string, length = 0): void {
    if (this.isFull) {
      throw new HttpError(
        503,
        "Too many uploads are unfinished, try again later",
        {
          headers: { "retry-after": `${RETRY_AFTER}` },
        },
      );
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
    throw new HttpError(507, "The space for unfinished uploads is used up");
  }

  /** Sets the octets of an upload. */
  resize(token: string, octets: number): void {
    this.#changed?.add(token);
    this.#octets += octets - (this.#unfinished.get(token) ?? 0);
    this.#unfinished.set(token, octets);
  }

  /** Marks an upload as a file; returns those that may now be forgotten. */
  finish(token: string): string[] {
    this.delete(token);
    this.#done.add(token);
    const surplus = Math.max(0, this.#done.size - this.#bounds.maxUploads);
    return [...this.#done.keys().take(surplus)];
  }

  /** Removes an upload from the count. */
  delete(token: string): void {
    this.#changed?.add(token);
    this.#octets -= this.#unfinished.get(token) ?? 0;
    this.#unfinished.delete(token);
    this.#done.delete(token);
  }

  /** Call this before the disk is counted. */
  beginCount(): void {
    this.#changed = new Set();
  }

  /**
   * Takes over the count of the disk, except for uploads that changed here
   * meanwhile.
   */
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
