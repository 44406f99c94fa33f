/**
 * The file that the log is written to. It can be opened again by its name, after
 * a program that rotates logs has renamed it.
 *
 * @module
 */

import { messageOf, quoted, StartError } from "./messages.ts";
import { obtain } from "./permissions.ts";

/** A file that is only appended to. */
export class LogFile {
  readonly #path: string;
  #file: Deno.FsFile;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Opens or creates the file; throws a StartError that says what to change. */
  static async open(path: string): Promise<LogFile> {
    const action = `Cannot write the log to ${quoted(path)}`;
    const advice = await obtain({ name: "write", path });
    if (advice) throw new StartError(`${action}: not allowed, ${advice}`);
    try {
      return new LogFile(path, await openToAppend(path));
    } catch (cause) {
      const why = messageOf(cause);
      const advice = "choose another with --log-file";
      throw new StartError(`${action}: ${why}, ${advice}`, { cause });
    }
  }

  /** Writes to the file that was opened last. */
  get writable(): WritableStream<Uint8Array> {
    return new WritableStream({
      write: (octets) => this.#writing = writeAll(this.#file, octets),
    });
  }

  /** Opens the name again. If that rejects, the old file stays in use. */
  async reopen(): Promise<void> {
    const before = this.#file;
    this.#file = await openToAppend(this.#path);
    // Each line is whole in one of the two files.
    await this.#writing.catch(() => {});
    before.close();
  }
}

async function writeAll(file: Deno.FsFile, octets: Uint8Array): Promise<void> {
  for (let at = 0; at < octets.length;) {
    at += await file.write(octets.subarray(at));
  }
}

/** The log shows who asked for what: only this user and the group may read it. */
function openToAppend(path: string): Promise<Deno.FsFile> {
  return Deno.open(path, { append: true, create: true, mode: 0o640 });
}
