/**
 * The entries of a directory at one moment, and their orders: their names, and
 * only the metadata that they are sorted by.
 *
 * @module
 */

import { SharedWork, turns, type Work } from "./bounded_work.ts";
import type { DirectoryEntry, FoundDirectory } from "./found_directory.ts";
import { FirstOf, sortedIndexes } from "./sorting.ts";

/** The keys that entries can be sorted by. */
export type SortKey = "name" | "size" | "modified";

/** An order of the entries in a list. */
export interface Order {
  /** How many there are. */
  length: number;
  /** The index of the entry at a place. */
  at(place: number): number;
  /** Whether an entry is a directory. */
  isDirectory(index: number): boolean;
}

/** How many entries are looked at in one step of work. */
const STEP = 16;
/** Of how many at the head of the list is known where they are, before all. */
const HEAD = 1000;

/** The overhead of a name in octets, beside its characters and its place. */
const NAME = 52;
/** Octets of two numbers, a place in two orders, and a mark. */
const MEASURES = 25;

/** The kind of an entry; a file if neither of these. */
const Kind = { directory: 1, link: 2 };

/** Names, and a kind for each. */
interface Names {
  names: string[];
  kinds: Uint8Array;
}

interface Measured {
  size: Order;
  modified: Order;
}

/** Called with the octets that a snapshot is about to hold. */
export type Hold = (octets: number) => void;

/** The entries of a directory, as they were found. */
export class Snapshot {
  readonly #found: FoundDirectory;
  readonly #hold: Hold;
  readonly #names: string[];
  readonly #kinds: Uint8Array;
  #measuring: SharedWork<Measured> | undefined;
  #naming: SharedWork<Order> | undefined;
  #heading: SharedWork<Order> | undefined;

  private constructor(
    found: FoundDirectory,
    { names, kinds, hold }: Names & { hold: Hold },
  ) {
    this.#found = found;
    this.#names = names;
    this.#kinds = kinds;
    this.#hold = hold;
  }

  /**
   * Takes a snapshot.
   *
   * @param hold Called with the octets that will be held; an error it throws
   * ends the work.
   * @returns The snapshot. Rejects as {@linkcode FoundDirectory.list} does, and
   * with the reason of the signal.
   */
  static async take(
    found: FoundDirectory,
    { hold, signal }: { hold: Hold; signal: AbortSignal },
  ): Promise<Snapshot> {
    const names: string[] = [];
    const kinds: number[] = [];
    await found.visit((entry) => {
      signal.throwIfAborted();
      hold(NAME + 2 * entry.name.length);
      names.push(entry.name);
      kinds.push(kindOf(entry));
    });
    return new Snapshot(found, { names, kinds: Uint8Array.from(kinds), hold });
  }

  /** How many entries there are. */
  get length(): number {
    return this.#names.length;
  }

  /** The name and kind of an entry, from memory. */
  entry(index: number): DirectoryEntry {
    const kind = this.#kinds[index];
    return {
      name: this.#names[index],
      isDirectory: kind === Kind.directory,
      isSymlink: kind === Kind.link,
    };
  }

  /** The current metadata of an entry; undefined if it is not readable. */
  inspect(entry: DirectoryEntry): Deno.FileInfo | undefined {
    return this.#found.inspect(entry);
  }

  /** Throws if the inspected entries may have been outside. */
  verify(): void {
    this.#found.verify();
  }

  /**
   * The entries in an order. For any key but the name, all entries are
   * inspected, once for all requests. Rejects with the reason of the signal.
   */
  async sortedBy(key: SortKey, signal: AbortSignal): Promise<Order> {
    if (key === "name") {
      this.#naming = goingOn(this.#naming) ??
        new SharedWork((signal) => turns.run(this.#named(), signal));
      return await this.#naming.join(signal);
    }
    this.#measuring = goingOn(this.#measuring) ??
      new SharedWork((signal) => this.#measure(signal));
    return (await this.#measuring.join(signal))[key];
  }

  /**
   * The entries by name, directories first, of which only the head may be
   * asked for: at most {@linkcode HEAD}, unless there are no more. A page has
   * them before all of a long list is sorted.
   */
  async headByName(count: number, signal: AbortSignal): Promise<Order> {
    const isShort = this.length <= HEAD;
    if (isShort || count > HEAD || this.#naming?.result) {
      return await this.sortedBy("name", signal);
    }
    this.#heading = goingOn(this.#heading) ??
      new SharedWork((signal) => turns.run(this.#headed(), signal));
    return await this.#heading.join(signal);
  }

  /** All entries, by name. */
  *#named(): Work<Order> {
    const keys: string[] = [];
    for (const name of this.#names) {
      keys.push(nameKey(name));
      if (keys.length % STEP === 0) yield;
    }
    const places = yield* sortedIndexes(keys.length, (a, b) => {
      return keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : 0;
    });
    return this.#orderOf(places);
  }

  /** The first directories, then the first of what is none. */
  *#headed(): Work<Order> {
    const directories = new FirstOf<Keyed>(HEAD, byKey);
    const others = new FirstOf<Keyed>(HEAD, byKey);
    for (let index = 0; index < this.length; index++) {
      if (index % STEP === 0) yield;
      const isDirectory = this.#kinds[index] === Kind.directory;
      const key = nameKey(this.#names[index]);
      (isDirectory ? directories : others).offer({ key, index });
    }
    const head = [...directories.sorted(), ...others.sorted()];
    return this.#orderOf(Uint32Array.from(head, ({ index }) => index));
  }

  #orderOf(places: Uint32Array): Order {
    return {
      length: places.length,
      at: (place) => places[place],
      isDirectory: (index) => this.#kinds[index] === Kind.directory,
    };
  }

  async #measure(signal: AbortSignal): Promise<Measured> {
    // Those that are alike stay in the order of their names.
    const byName = await this.sortedBy("name", signal);
    const octets = MEASURES * this.length;
    this.#hold(octets);
    try {
      return await turns.run(this.#measured(byName), signal);
    } catch (error) {
      this.#hold(-octets);
      throw error;
    }
  }

  *#measured(byName: Order): Work<Measured> {
    const { length } = this;
    const present = new Uint32Array(length);
    const kinds = new Uint8Array(length);
    const sizes = new Float64Array(length);
    const times = new Float64Array(length);
    let count = 0;
    for (let place = 0; place < length; place++) {
      if (place % STEP === 0) yield;
      const index = byName.at(place);
      const info = this.inspect(this.entry(index));
      if (!info) continue;
      present[count] = index;
      if (info.isDirectory) kinds[index] = Kind.directory;
      // A directory has neither, and comes before all files.
      sizes[count] = info.isDirectory ? 0 : info.size;
      times[count++] = (!info.isDirectory && info.mtime?.getTime()) ||
        -Infinity;
    }
    this.verify();
    const isDirectory = (index: number) => kinds[index] === Kind.directory;
    const orderBy = function* (values: Float64Array): Work<Order> {
      const places = yield* sortedIndexes(count, (a, b) => {
        return values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : 0;
      });
      return {
        length: count,
        at: (place) => present[places[place]],
        isDirectory,
      };
    };
    return { size: yield* orderBy(sizes), modified: yield* orderBy(times) };
  }
}

function kindOf({ isDirectory, isSymlink }: DirectoryEntry): number {
  return isDirectory ? Kind.directory : isSymlink ? Kind.link : 0;
}

/** An entry by its place in the order of names. */
interface Keyed {
  key: string;
  index: number;
}

function byKey({ key: a }: Keyed, { key: b }: Keyed): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Some work, unless all who wanted it have left. */
function goingOn<T>(work: SharedWork<T> | undefined): typeof work {
  return work?.isAbandoned ? undefined : work;
}

/**
 * The sort key of a name: `b` comes after `A`, and `2` before `10`. Names that
 * differ only in case or leading zeros still have a fixed order. A number is
 * written as its length and its digits, so that a key is not much longer than
 * its name.
 */
export function nameKey(name: string): string {
  const folded = name.toLowerCase().replace(/\d+/g, (digits) => {
    const significant = digits.replace(/^0+/, "");
    return `0${String.fromCharCode(significant.length)}${significant}`;
  });
  return `${folded}\0${name}`;
}
