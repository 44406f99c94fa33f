/**
 * Streams what is below a directory as a zip archive, as fast as the client
 * reads. It holds one open file, and of the others what the end of the archive
 * says of them. If a file is gone or changes on the way, the stream errors: an
 * archive that looks whole is whole.
 *
 * @module
 */

import { crc32 } from "node:zlib";
import { HttpError } from "../errors.ts";
import type { Containment, OpenFile } from "./containment.ts";
import { viewOf } from "./file_response.ts";
import type { TreeEntry } from "./tree.ts";
import { ZipWriter } from "./zip_format.ts";

/** The most entries of an archive; past it the stream errors. */
const MOST_ENTRIES = 200_000;

/** Files of at most this many octets are read at once. */
const SMALL = 64 * 1024;

/** How long (ms) small files are gathered for one write. */
const TURN = 2;

/** Octets of a piece for a reader that lends no buffer. */
const CHUNK_SIZE = 64 * 1024;

/** Where the entries of an archive come from. */
export interface ArchiveSource {
  containment: Containment;
  entries: AsyncGenerator<TreeEntry>;
  /** Called once, when nothing more is read. */
  release: () => void;
}

/** Streams an archive. */
export function archiveOf(
  source: ArchiveSource,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const archive = new Archive(source);
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const lent = controller.byobRequest;
      const room = lent ? viewOf(lent) : new Uint8Array(CHUNK_SIZE);
      const count = await archive.read(room);
      if (count === undefined) return; // cancelled in the meantime
      if (count === 0) controller.close();
      if (lent) lent.respond(count);
      else if (count > 0) controller.enqueue(room.subarray(0, count));
    },
    cancel: () => archive.close(),
  });
}

class Archive {
  readonly #source: ArchiveSource;
  readonly #zip = new ZipWriter();
  /** Octets that are ready, in order. */
  #ready: Uint8Array[] = [];
  #file: StreamedFile | undefined;
  #isFinished = false;
  #isOpen = true;

  constructor(source: ArchiveSource) {
    this.#source = source;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#file?.close();
    this.#source.release();
  }

  /**
   * Fills a part of a buffer. @returns how many octets; 0 at the end, and
   * undefined if it was closed meanwhile.
   */
  async read(room: Uint8Array): Promise<number | undefined> {
    const end = performance.now() + TURN;
    let at = 0;
    try {
      while (at < room.length) {
        const [ready] = this.#ready;
        if (ready !== undefined) at += this.#copy(ready, room.subarray(at));
        else if (at > 0 && performance.now() > end) break;
        else if (this.#file) at += await this.#readFile(room.subarray(at));
        else if (!await this.#next()) break;
        if (!this.#isOpen) return undefined;
      }
    } catch (error) {
      if (!this.#isOpen) return undefined;
      this.close();
      throw error;
    }
    if (at === 0) this.close();
    return at;
  }

  #copy(ready: Uint8Array, room: Uint8Array): number {
    const fitting = ready.subarray(0, room.length);
    room.set(fitting);
    if (fitting.length === ready.length) this.#ready.shift();
    else this.#ready[0] = ready.subarray(fitting.length);
    return fitting.length;
  }

  async #readFile(room: Uint8Array): Promise<number> {
    const file = this.#file!;
    const count = await file.read(room);
    if (count === null && this.#isOpen) {
      this.#file = undefined;
      file.close();
      this.#ready.push(this.#zip.end(file.checksum));
    }
    return count ?? 0;
  }

  /** Begins the next entry, or the end. @returns whether there is more. */
  async #next(): Promise<boolean> {
    if (this.#isFinished) return false;
    const { value, done } = await this.#source.entries.next();
    if (!this.#isOpen) return false;
    if (done) {
      this.#isFinished = true;
      this.#ready.push(...this.#zip.finish());
    } else {
      this.#begin(value);
      if (this.#zip.count > MOST_ENTRIES) {
        throw new Error(`The archive has more than ${MOST_ENTRIES} entries`);
      }
    }
    return true;
  }

  #begin({ path, entry, folder }: TreeEntry): void {
    if (entry.isDirectory || entry.isSymlink) {
      const info = folder.inspect(entry);
      if (entry.isDirectory) return this.#addDirectory(`${path}/`, info);
      // A list does not show a link that leads nowhere or outside; what a link
      // to a directory leads to may be in the archive already.
      if (info === undefined || info.isDirectory) return;
    }
    const { root } = this.#source.containment;
    const below = folder.directory.slice(root.length);
    const names = below === "" ? [entry.name] : [below, entry.name];
    let found;
    try {
      found = this.#source.containment.open(names);
    } catch (error) {
      // The name is not UTF-8: nobody can ask for it, so it is not there.
      if (entry.name.includes("\ufffd")) return;
      throw error;
    }
    if ("directory" in found) throw new HttpError(503, "A file has changed");
    this.#addFile(path, found);
  }

  #addDirectory(path: string, info: Deno.FileInfo | undefined): void {
    if (!info?.isDirectory) throw new HttpError(503, "A directory has changed");
    const entry = { path, modified: timeOf(info), size: 0, checksum: 0 };
    this.#ready.push(this.#zip.begin(entry), this.#zip.end(0));
  }

  #addFile(path: string, { file, info }: OpenFile): void {
    const entry = { path, modified: timeOf(info), size: info.size };
    if (info.size > SMALL) {
      this.#ready.push(this.#zip.begin(entry));
      this.#file = new StreamedFile(file, info);
      return;
    }
    try {
      const octets = readWhole(file, info);
      const checksum = crc32(octets);
      this.#ready.push(this.#zip.begin({ ...entry, checksum }), octets);
      this.#zip.end(checksum);
    } finally {
      file.close();
    }
  }
}

/** A file that is read piece by piece. */
class StreamedFile {
  readonly #file: Deno.FsFile;
  readonly #info: Deno.FileInfo;
  #length = 0;
  #isOpen = true;
  /** The CRC-32 of what has been read. */
  checksum = 0;

  constructor(file: Deno.FsFile, info: Deno.FileInfo) {
    this.#file = file;
    this.#info = info;
  }

  /** Reads a part; null at the end. Rejects if it is not as it was. */
  async read(room: Uint8Array): Promise<number | null> {
    const count = await this.#file.read(room);
    if (!this.#isOpen) return 0;
    if (count === null) {
      refuseChanged(this.#file, this.#info, this.#length);
      return null;
    }
    this.#length += count;
    if (this.#length > this.#info.size) throw changed();
    this.checksum = crc32(room.subarray(0, count), this.checksum);
    return count;
  }

  close(): void {
    if (this.#isOpen) this.#file.close();
    this.#isOpen = false;
  }
}

function readWhole(file: Deno.FsFile, info: Deno.FileInfo): Uint8Array {
  // One octet of room tells whether it has grown.
  const room = new Uint8Array(info.size + 1);
  let length = 0;
  for (let count; (count = file.readSync(room.subarray(length)));) {
    length += count;
  }
  refuseChanged(file, info, length);
  return room.subarray(0, length);
}

function refuseChanged(
  file: Deno.FsFile,
  { size, mtime }: Deno.FileInfo,
  length: number,
): void {
  const now = file.statSync();
  const isSame = length === size && now.size === size &&
    now.mtime?.getTime() === mtime?.getTime();
  if (!isSame) throw changed();
}

function changed(): HttpError {
  return new HttpError(503, "A file changed while it was sent");
}

function timeOf({ mtime }: Deno.FileInfo): Date {
  return mtime ?? new Date(0);
}
