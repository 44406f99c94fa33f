/**
 * Shared snapshots of directories. Requests that ask for one while it is taken
 * share it. How many are taken at once, how much all of them hold, and how long
 * one is kept is bounded.
 *
 * A snapshot never lacks an entry that existed when it was requested: either it
 * began later, or the directory has not changed since, and its last change is
 * so old that no other can hide within the same clock tick.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { orAborted, Slots } from "../slots.ts";
import { SharedWork } from "./bounded_work.ts";
import { diskError } from "./disk_error.ts";
import { isSame, isSettled } from "./file_cache.ts";
import type { FoundDirectory } from "./found_directory.ts";
import { Snapshot } from "./snapshot.ts";

/** How many directories are read at once. */
const READINGS = 2;
/** The most octets that all snapshots may hold: about 500 000 names. */
const MOST = 48 * 2 ** 20;
/** A snapshot of at least this many entries is kept for later requests. */
const LARGE = 1000;
/** How long (ms) it is kept. */
const KEPT = 5000;

/** A snapshot, until it is released. */
export interface Lease extends Disposable {
  snapshot: Snapshot;
}

/** A snapshot that is being taken or was taken. */
interface Reading {
  directory: string;
  work: SharedWork<Snapshot>;
  /**
   * Its position in the order of all readings and requests; Infinity until it
   * begins.
   */
  began: number;
  /**
   * The directory's metadata before the reading, if its last change was old
   * enough.
   */
  mark?: Deno.FileInfo;
  /** Octets that it holds. */
  held: number;
  users: number;
  timer?: ReturnType<typeof setTimeout>;
}

/** Takes, shares and keeps snapshots. */
export class SharedSnapshots {
  /** Readings that can be shared, by their directory. */
  readonly #readings = new Map<string, Reading>();
  /** Readings whose memory counts. */
  readonly #alive = new Set<Reading>();
  readonly #slots = new Slots(READINGS);
  #held = 0;
  #time = 0;

  /**
   * Leases a snapshot, which the caller releases.
   *
   * @param found The directory, found a moment ago.
   * @returns The lease. Rejects with an {@linkcode HttpError} as
   * {@linkcode FoundDirectory.list} does; with 507 if the directory has too
   * many entries, with 503 if other snapshots take up the memory; and with the
   * reason of the signal.
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
    // This timer does not keep the process alive.
    Deno.unrefTimer(reading.timer);
  }

  #forget(reading: Reading): void {
    clearTimeout(reading.timer);
    if (this.#readings.get(reading.directory) === reading) {
      this.#readings.delete(reading.directory);
    }
    this.#free(reading);
  }

  /** Stops counting its memory once no one can reach it. */
  #free(reading: Reading): void {
    const isKnown = this.#readings.get(reading.directory) === reading;
    if (isKnown || reading.users > 0) return;
    if (this.#alive.delete(reading)) this.#held -= reading.held;
  }

  /** Counts octets; throws if they are too many. */
  #hold(reading: Reading, octets: number): void {
    if (!this.#alive.has(reading)) return;
    reading.held += octets;
    this.#held += octets;
    if (octets < 0) return;
    if (reading.held > MOST) {
      throw new HttpError(507, "The directory has too many names to list");
    }
    while (this.#held > MOST) this.#makeRoom();
  }

  #makeRoom(): void {
    for (const reading of this.#readings.values()) {
      if (reading.users === 0 && reading.work.result) {
        return this.#forget(reading);
      }
    }
    throw new HttpError(
      503,
      "Too many long lists are being read, try again later",
      {
        headers: { "retry-after": "5" },
      },
    );
  }
}

/** Whether it contains every entry that existed when it was requested. */
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
