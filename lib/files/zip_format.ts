/**
 * The octets of a zip archive around the files, which are stored as they are
 * (APPNOTE.TXT 6.3.10, §4). It holds what the central directory needs of each
 * entry, and nothing of the files.
 *
 * @module
 */

/** Signatures (APPNOTE §4.3). */
const LOCAL_HEADER = 0x0403_4b50;
const DESCRIPTOR = 0x0807_4b50;
const CENTRAL_HEADER = 0x0201_4b50;
const END_64 = 0x0606_4b50;
const LOCATOR_64 = 0x0706_4b50;
const END = 0x0605_4b50;

/** The version that a reader needs (§4.4.3.2): of directories, and of zip64. */
const VERSION = 20;
const VERSION_64 = 45;
/** The system whose file modes are meant (§4.4.2.2): Unix. */
const UNIX = 3 << 8;

/** Flags (§4.4.4): names are UTF-8; sizes and checksum come after the file. */
const IS_UTF8 = 1 << 11;
const HAS_DESCRIPTOR = 1 << 3;

/** From these on, a field says that zip64 has the value (§4.4.1.4). */
const MOST_16 = 0xffff;
const MOST_32 = 0xffff_ffff;

/** Extra fields (§4.5.2): zip64, and a time in seconds of UTC. */
const EXTRA_64 = 1;
const EXTRA_TIME = 0x5455;
const TIME_LENGTH = 9;

const FILE_MODE = 0o100644;
const DIRECTORY_MODE = 0o040755;
/** The attribute of a directory on MS-DOS. */
const DIRECTORY_ATTRIBUTE = 0x10;

/** Octets of one piece of the central directory. */
const PIECE = 64 * 1024;

/** What an archive says of an entry. */
export interface ZipEntry {
  /** Its path in the archive; that of a directory ends with `/`. */
  path: string;
  /** When it was modified. */
  modified: Date;
  /** Its length in octets. */
  size: number;
  /**
   * Its CRC-32; undefined if that is known only after its octets, as of one of
   * 4 GiB and more.
   */
  checksum?: number;
}

/** Writes an archive: for each entry `begin`, its octets, `end`. */
export class ZipWriter {
  /** Octets so far. */
  #offset = 0;
  #count = 0;
  readonly #directory = new Octets();
  #entry: ZipEntry | undefined;
  #start = 0;

  /** How many entries it has. */
  get count(): number {
    return this.#count;
  }

  /** What comes before the octets of an entry (§4.3.7). */
  begin(entry: ZipEntry): Uint8Array {
    const name = new TextEncoder().encode(entry.path);
    const { size, checksum } = entry;
    const isKnown = checksum !== undefined;
    const isLong = size >= MOST_32;
    const header = new Fields(
      30 + name.length + TIME_LENGTH + (isLong ? 20 : 0),
    );
    header.put32(LOCAL_HEADER);
    header.put16(isLong ? VERSION_64 : VERSION);
    header.put16(IS_UTF8 | (isKnown ? 0 : HAS_DESCRIPTOR));
    header.put16(0);
    putDosTime(header, entry.modified);
    header.put32(checksum ?? 0);
    const told = isLong ? MOST_32 : isKnown ? size : 0;
    header.put32(told);
    header.put32(told);
    header.put16(name.length);
    header.put16(TIME_LENGTH + (isLong ? 20 : 0));
    header.put(name);
    putTime(header, entry.modified);
    if (isLong) {
      // It says no more than that the descriptor is of zip64.
      header.put16(EXTRA_64);
      header.put16(16);
      header.put64(0);
      header.put64(0);
    }
    this.#entry = entry;
    this.#start = this.#offset;
    this.#offset += header.octets.length + size;
    return header.octets;
  }

  /** What comes after the octets of an entry (§4.3.9). */
  end(checksum: number): Uint8Array {
    const entry = this.#entry!;
    const { size } = entry;
    this.#record(entry, checksum);
    if (entry.checksum !== undefined) return new Uint8Array();
    const isLong = size >= MOST_32;
    const descriptor = new Fields(isLong ? 24 : 16);
    descriptor.put32(DESCRIPTOR);
    descriptor.put32(checksum);
    if (isLong) {
      descriptor.put64(size);
      descriptor.put64(size);
    } else {
      descriptor.put32(size);
      descriptor.put32(size);
    }
    this.#offset += descriptor.octets.length;
    return descriptor.octets;
  }

  /** A header of the central directory (§4.3.12). */
  #record(entry: ZipEntry, checksum: number): void {
    const { path, size, modified } = entry;
    const name = new TextEncoder().encode(path);
    const isLong = size >= MOST_32;
    const isFar = this.#start >= MOST_32;
    const wide = (isLong ? 16 : 0) + (isFar ? 8 : 0);
    const extra = TIME_LENGTH + (wide > 0 ? 4 + wide : 0);
    const isDirectory = path.endsWith("/");
    const header = new Fields(46 + name.length + extra);
    header.put32(CENTRAL_HEADER);
    header.put16(UNIX | VERSION_64);
    header.put16(wide > 0 ? VERSION_64 : VERSION);
    header.put16(IS_UTF8 | (entry.checksum === undefined ? HAS_DESCRIPTOR : 0));
    header.put16(0);
    putDosTime(header, modified);
    header.put32(checksum);
    header.put32(Math.min(size, MOST_32));
    header.put32(Math.min(size, MOST_32));
    header.put16(name.length);
    header.put16(extra);
    header.put16(0); // no comment
    header.put16(0); // on the first disk
    header.put16(0); // no internal attributes
    header.put16(isDirectory ? DIRECTORY_ATTRIBUTE : 0);
    header.put16(isDirectory ? DIRECTORY_MODE : FILE_MODE);
    header.put32(Math.min(this.#start, MOST_32));
    header.put(name);
    putTime(header, modified);
    if (wide > 0) {
      header.put16(EXTRA_64);
      header.put16(wide);
      if (isLong) header.put64(size);
      if (isLong) header.put64(size);
      if (isFar) header.put64(this.#start);
    }
    this.#directory.add(header.octets);
    this.#count++;
  }

  /** The central directory and the end of the archive (§4.3.14 to §4.3.16). */
  finish(): Uint8Array[] {
    const start = this.#offset;
    const { length, pieces } = this.#directory;
    const isLong = this.#count >= MOST_16 || start + length >= MOST_32;
    const end = new Fields(22 + (isLong ? 76 : 0));
    if (isLong) {
      end.put32(END_64);
      end.put64(44); // octets that follow
      end.put16(UNIX | VERSION_64);
      end.put16(VERSION_64);
      end.put32(0);
      end.put32(0);
      end.put64(this.#count);
      end.put64(this.#count);
      end.put64(length);
      end.put64(start);
      end.put32(LOCATOR_64);
      end.put32(0);
      end.put64(start + length);
      end.put32(1);
    }
    end.put32(END);
    end.put16(0);
    end.put16(0);
    end.put16(Math.min(this.#count, MOST_16));
    end.put16(Math.min(this.#count, MOST_16));
    end.put32(Math.min(length, MOST_32));
    end.put32(Math.min(start, MOST_32));
    end.put16(0);
    return [...pieces, end.octets];
  }
}

/** §4.4.6: two seconds in the year 1980 or later; here of UTC. */
function putDosTime(fields: Fields, date: Date): void {
  const year = date.getUTCFullYear() - 1980;
  const isTold = year >= 0 && year < 128;
  fields.put16(
    isTold
      ? date.getUTCHours() << 11 | date.getUTCMinutes() << 5 |
        date.getUTCSeconds() >> 1
      : 0,
  );
  fields.put16(
    isTold ? year << 9 | date.getUTCMonth() + 1 << 5 | date.getUTCDate() : 33,
  );
}

/** The extended timestamp of Info-ZIP, with the time of modification. */
function putTime(fields: Fields, date: Date): void {
  const seconds = Math.floor(date.getTime() / 1000);
  fields.put16(EXTRA_TIME);
  fields.put16(TIME_LENGTH - 4);
  fields.put8(1);
  fields.put32(Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, seconds)));
}

/** Numbers, least octet first (§4.4.1.1). */
class Fields {
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.octets = new Uint8Array(length);
    this.#view = new DataView(this.octets.buffer);
  }

  put8(value: number): void {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
  }

  put16(value: number): void {
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
  }

  put32(value: number): void {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  put64(value: number): void {
    this.#view.setBigUint64(this.#at, BigInt(value), true);
    this.#at += 8;
  }

  put(octets: Uint8Array): void {
    this.octets.set(octets, this.#at);
    this.#at += octets.length;
  }
}

/** Octets in few large pieces, which take less memory than many small ones. */
class Octets {
  readonly #full: Uint8Array[] = [];
  #last = new Uint8Array(PIECE);
  #used = 0;
  /** How many octets there are. */
  length = 0;

  add(octets: Uint8Array): void {
    if (this.#used + octets.length > this.#last.length) {
      this.#full.push(this.#last.subarray(0, this.#used));
      this.#last = new Uint8Array(Math.max(PIECE, octets.length));
      this.#used = 0;
    }
    this.#last.set(octets, this.#used);
    this.#used += octets.length;
    this.length += octets.length;
  }

  get pieces(): Uint8Array[] {
    return [...this.#full, this.#last.subarray(0, this.#used)];
  }
}
