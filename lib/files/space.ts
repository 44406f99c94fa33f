/**
 * Bounds the space that the files of a directory take up, unfinished uploads
 * included. It counts octets in memory, and the disk once in a while, so that
 * the cost of an upload does not grow with the number of files. It does not
 * know which files they are.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { requireLimit } from "../limits.ts";
import { join } from "./file_path.ts";

/** Milliseconds after which files are counted again, for changes by others. */
const RECOUNT = 60_000;

/** How many times as long as a count takes nothing is counted after it. */
const REST = 20;

/** How many files are looked at at once: a network answers many as soon as one. */
const AT_ONCE = 16;

/** Milliseconds for which the free space of the file system is believed. */
const BELIEVED = 1000;

/** The bounds of the space that files take up. */
export interface SpaceBounds {
  /**
   * The maximum octets of all files in the directory together, with unfinished
   * uploads and with hidden files. A file that is replaced counts until its
   * replacement is complete. Each instance counts its own changes at once, and
   * those of others within a minute, or later if counting takes longer than 3
   * seconds. Default: no limit; past it 507.
   */
  maxTotal?: number;
  /**
   * The octets that stay free on the file system. It needs
   * `--allow-sys=statfs`. Default: none; 507 if an upload would take them.
   */
  keepFree?: number;
}

const spaces = new WeakMap<object, Space>();

/** The space of a directory; undefined if it has no bounds. */
export function spaceOf(directory: object): Space | undefined {
  return spaces.get(directory);
}

/**
 * Bounds the space of a directory, and begins to count its files. Rejects with
 * a RangeError for an invalid bound, and with `Deno.errors.NotCapable` if Deno
 * forbids to ask for free space.
 */
export async function boundSpace(
  directory: { readonly path: string },
  { maxTotal = Infinity, keepFree = 0 }: SpaceBounds,
): Promise<void> {
  requireLimit("maxTotal", maxTotal);
  requireLimit("keepFree", keepFree);
  if (maxTotal === Infinity && keepFree === 0) return;
  const { path } = directory;
  const freeOctets = keepFree === 0 ? () => Infinity : await askFree(path);
  freeOctets();
  const space = new Space(path, { maxTotal, keepFree, freeOctets });
  spaces.set(directory, space);
  // Uploads wait for the count, and are told if it fails.
  if (maxTotal < Infinity) space.count().catch(() => {});
}

/** Loaded on demand: Deno has it only in a module of Node's. */
async function askFree(path: string): Promise<() => number> {
  const { statfsSync } = await import("node:fs");
  return () => {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  };
}

interface Bounds extends Required<SpaceBounds> {
  /** Octets that are free on the file system. */
  freeOctets: () => number;
}

/** The space that the files of one directory take up. */
export class Space {
  readonly #root: string;
  readonly #bounds: Bounds;
  #total = 0;
  /** Octets that arrived while the files are counted. */
  #arrived = 0;
  #countedAt = -Infinity;
  /** When it may be counted again. */
  #nextCount = -Infinity;
  #counting: Promise<void> | undefined;
  #free = 0;
  #askedAt = -Infinity;

  constructor(root: string, bounds: Bounds) {
    this.#root = root;
    this.#bounds = bounds;
  }

  /**
   * Rejects with an {@linkcode HttpError} with 507 if so many more octets do
   * not fit. They are not counted before they are written: a client could take
   * all space by announcing it.
   */
  async refuseMore(count: number): Promise<void> {
    if (this.#bounds.maxTotal < Infinity) await this.#beCounted(count);
    this.#refuse(count);
  }

  /**
   * Counts octets that are about to be written. Throws an {@linkcode HttpError}
   * with 507 if they do not fit.
   */
  grow(count: number): void {
    this.#refuse(count);
    this.#total += count;
    this.#arrived += count;
    this.#free -= count;
  }

  /** Counts octets that are no longer there. */
  shrink(count: number): void {
    this.#total = Math.max(0, this.#total - count);
  }

  /** Content that is counted as it passes. */
  counted(content: AsyncIterable<Uint8Array>): CountedContent {
    return new CountedContent(this, content);
  }

  /** Counts the files on the disk, once for all that ask meanwhile. */
  async count(): Promise<void> {
    this.#counting ??= this.#count().finally(() => this.#counting = undefined);
    await this.#counting;
  }

  #refuse(count: number): void {
    const { maxTotal, keepFree, freeOctets } = this.#bounds;
    if (this.#total + count > maxTotal) {
      throw new HttpError(507, "The space for files is used up");
    }
    if (keepFree === 0) return;
    const now = performance.now();
    if (now - this.#askedAt > BELIEVED || this.#free - count < keepFree) {
      this.#free = freeOctets();
      this.#askedAt = now;
    }
    if (this.#free - count < keepFree) {
      throw new HttpError(507, "There is no space left for this file");
    }
  }

  /** Waits for the first count, and for others only where one may make room. */
  async #beCounted(count: number): Promise<void> {
    if (performance.now() >= this.#nextCount) {
      const counting = this.count();
      // It is waited for below, or fails in the background.
      counting.catch(() => {});
    }
    const isFull = this.#total + count > this.#bounds.maxTotal;
    if (this.#countedAt === -Infinity || isFull) await this.#counting;
  }

  /** What arrives meanwhile may count twice, until the next count. */
  async #count(): Promise<void> {
    const start = performance.now();
    this.#arrived = 0;
    this.#total = await octetsBelow(this.#root) + this.#arrived;
    this.#countedAt = performance.now();
    const rest = Math.max(RECOUNT, REST * (this.#countedAt - start));
    this.#nextCount = this.#countedAt + rest;
  }
}

/** Content on its way to the disk, counted. */
export class CountedContent implements AsyncIterable<Uint8Array> {
  readonly #space: Space;
  readonly #content: AsyncIterable<Uint8Array>;
  #octets = 0;

  constructor(space: Space, content: AsyncIterable<Uint8Array>) {
    this.#space = space;
    this.#content = content;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const octets of this.#content) {
      this.#space.grow(octets.length);
      this.#octets += octets.length;
      yield octets;
    }
  }

  /** Says that what was written is removed again. */
  giveBack(): void {
    this.#space.shrink(this.#octets);
  }
}

/** The octets of all files below a directory; links are not followed. */
async function octetsBelow(root: string): Promise<number> {
  let octets = 0;
  let sizes: Promise<number>[] = [];
  const add = async () => {
    for (const size of await Promise.all(sizes)) octets += size;
    sizes = [];
  };
  const directories = [root];
  for (let path; (path = directories.pop()) !== undefined;) {
    try {
      for await (const { name, isDirectory, isFile } of Deno.readDir(path)) {
        const below = join(path, name);
        if (isDirectory) directories.push(below);
        else if (isFile) sizes.push(sizeOf(below));
        if (sizes.length === AT_ONCE) await add();
      }
    } catch (error) {
      if (!isUncountable(error)) throw error;
    }
  }
  await add();
  return octets;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.lstat(path)).size;
  } catch (error) {
    if (isUncountable(error)) return 0;
    throw error;
  }
}

/** It has gone meanwhile, or this user may not look. */
function isUncountable(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotADirectory;
}
