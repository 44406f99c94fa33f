/**
 * The file that the log goes to. It can be opened again under its name, for
 * programs that rename it and start a new one.
 *
 * @module
 */

import { quoted, StartError } from "./messages.ts";
import { obtain } from "./permissions.ts";

/** A file that only grows. */
export class LogFile {
  readonly #path: string;
  #file: Deno.FsFile;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Opens it, or makes it; throws a StartError that says what to change. */
  static async open(path: string): Promise<LogFile> {
    const action = `Cannot write the log to ${quoted(path)}`;
    const advice = await obtain({ name: "write", path });
    if (advice) throw new StartError(`${action}: not allowed, ${advice}`);
    try {
      return new LogFile(path, await openToAppend(path));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StartError(
        `${action}: ${quoted(why)}, choose another with --log-file`,
        { cause },
      );
    }
  }

  /** What is written to it goes to the file that has its name at that moment. */
  get writable(): WritableStream<Uint8Array> {
    return new WritableStream({
      write: (octets) => this.#writing = writeAll(this.#file, octets),
    });
  }

  /** Opens what has its name now. Rejects, and goes on with the old one, if it can't. */
  async reopen(): Promise<void> {
    const before = this.#file;
    this.#file = await openToAppend(this.#path);
    // A line is whole in one of the two.
    await this.#writing.catch(() => {});
    before.close();
  }
}

async function writeAll(file: Deno.FsFile, octets: Uint8Array): Promise<void> {
  for (let at = 0; at < octets.length;) {
    at += await file.write(octets.subarray(at));
  }
}

/** The log tells who has asked for what: it is for this user, and the group. */
function openToAppend(path: string): Promise<Deno.FsFile> {
  return Deno.open(path, { append: true, create: true, mode: 0o640 });
}
