/**
 * Snapshots of directories, shared. Whoever asks for one while it is taken
 * shares it; how many are taken at once, how much they all hold, and how long
 * one is kept is bounded.
 *
 * A snapshot never lacks what was there when it was asked for: it was begun
 * later, or the directory is as it was, and had been for so long that no change
 * hides within a tick of its clock.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { orAborted, SharedWork, Slots } from "./bounded_work.ts";
import { diskError } from "./disk_error.ts";
import { isSame, isSettled } from "./file_cache.ts";
import type { FoundDirectory } from "./found_directory.ts";
import { Snapshot } from "./snapshot.ts";

/** How many directories are read at once. */
const READINGS = 2;
/** Octets that all snapshots may hold: some 500 000 names. */
const MOST = 48 * 2 ** 20;
/** Entries from which on a snapshot is kept for who asks next. */
const LARGE = 1000;
/** How long (ms) it is. */
const KEPT = 5000;

/** A snapshot, until it is released. */
export interface Lease extends Disposable {
  snapshot: Snapshot;
}

/** A snapshot that is being taken, or was. */
interface Reading {
  directory: string;
  work: SharedWork<Snapshot>;
  /** Its place among all readings and askings; Infinity until it has begun. */
  began: number;
  /** What the directory said before, if it had been left alone. */
  mark?: Deno.FileInfo;
  /** Octets. */
  held: number;
  users: number;
  timer?: ReturnType<typeof setTimeout>;
}

/** Takes, shares and keeps snapshots. */
export class SharedSnapshots {
  /** Those that may be asked for, by their directory. */
  readonly #readings = new Map<string, Reading>();
  /** Those whose memory counts. */
  readonly #alive = new Set<Reading>();
  readonly #slots = new Slots(READINGS);
  #held = 0;
  #time = 0;

  /**
   * Leases one; whoever gets it releases it.
   *
   * @param found The directory, found a moment ago.
   * @returns It. Rejects with an {@linkcode HttpError} as
   * {@linkcode FoundDirectory.list} does; with 507 where there is too much in the
   * directory, with 503 where others hold too much; and with the reason of the
   * signal.
   */
  async lease(found: FoundDirectory, signal: AbortSignal): Promise<Lease> {
    const asked = ++this.#time;
    for (;;) {
      const reading = this.#readings.get(found.directory) ?? this.#begin(found);
      if (mayServe(reading, asked, found.info)) {
        return await this.#join(reading, signal);
      }
      if (reading.work.result) this.#forget(reading);
      else await orAborted(reading.work.over, signal);
    }
  }

  async #join(reading: Reading, signal: AbortSignal): Promise<Lease> {
    reading.users++;
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      reading.users--;
      this.#free(reading);
    };
    try {
      const snapshot = await reading.work.join(signal);
      return { snapshot, [Symbol.dispose]: release };
    } catch (error) {
      release();
      throw error;
    }
  }

  #begin(found: FoundDirectory): Reading {
    const { directory } = found;
    const take = async (signal: AbortSignal) => {
      using _slot = await this.#slots.take(signal);
      reading.began = ++this.#time;
      const mark = lookAt(directory);
      if (isSettled(mark)) reading.mark = mark;
      const hold = (octets: number) => this.#hold(reading, octets);
      return await Snapshot.take(found, { hold, signal });
    };
    const reading: Reading = {
      directory,
      work: new SharedWork(take),
      began: Infinity,
      held: 0,
      users: 0,
    };
    this.#readings.set(directory, reading);
    this.#alive.add(reading);
    reading.work.over.then(() => this.#keepOrForget(reading));
    return reading;
  }

  #keepOrForget(reading: Reading): void {
    const { work: { result }, mark } = reading;
    if (!result || result.length < LARGE || !mark) return this.#forget(reading);
    reading.timer = setTimeout(() => this.#forget(reading), KEPT);
    // No process goes on for it.
    Deno.unrefTimer(reading.timer);
  }

  #forget(reading: Reading): void {
    clearTimeout(reading.timer);
    if (this.#readings.get(reading.directory) === reading) {
      this.#readings.delete(reading.directory);
    }
    this.#free(reading);
  }

  /** Counts its memory no more, when nobody can come to it. */
  #free(reading: Reading): void {
    const isKnown = this.#readings.get(reading.directory) === reading;
    if (isKnown || reading.users > 0) return;
    if (this.#alive.delete(reading)) this.#held -= reading.held;
  }

  /** Counts octets; throws where they are too many. */
  #hold(reading: Reading, octets: number): void {
    if (!this.#alive.has(reading)) return;
    reading.held += octets;
    this.#held += octets;
    if (octets < 0) return;
    if (reading.held > MOST) {
      throw new HttpError(507, "The directory has too many names to be listed");
    }
    while (this.#held > MOST) this.#makeRoom();
  }

  #makeRoom(): void {
    for (const reading of this.#readings.values()) {
      if (reading.users === 0 && reading.work.result) {
        return this.#forget(reading);
      }
    }
    throw new HttpError(503, "Too many long lists are read, try again later", {
      headers: { "retry-after": "5" },
    });
  }
}

/** Whether it can't lack what was there when it was asked for. */
function mayServe(
  { work, began, mark }: Reading,
  asked: number,
  now: Deno.FileInfo,
): boolean {
  if (work.isAbandoned) return false;
  return began > asked || mark !== undefined && isSame(mark, now);
}

function lookAt(directory: string): Deno.FileInfo {
  try {
    return Deno.lstatSync(directory);
  } catch (error) {
    throw diskError(error, "read");
  }
}
