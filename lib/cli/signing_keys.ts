/**
 * The keys that sign logins and links: lines of a file, `--key-file` or one in
 * the hidden state folder, which all instances share that serve one directory.
 * The first line signs; the second is the key before it, whose signatures still
 * hold. The file may change at any time.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { join } from "../files/file_path.ts";
import { makeStateFolder, STATE_FOLDER } from "../files/shared_state.ts";
import {
  messageOf,
  quoted,
  reasonOf,
  StartError,
  tellInPassing,
  UsageError,
} from "./messages.ts";
import { obtainFile } from "./named_file.ts";

const NAME = "login-keys";

/** Octets of a new key. */
const LENGTH = 32;
const MOST_KEYS = 2;

/** Octets of a file; more would not be keys. */
const MOST_CONTENT = 64 * 1024;

/** Milliseconds after which the file is looked at again. */
const LOOK_AGAIN = 1000;

type Keys = readonly Uint8Array[];

/** The keys of a server, as its file has them now. */
export class SigningKeys {
  readonly #read: () => Keys;
  #keys: Keys;
  #lookedAt = performance.now();
  /** What was last told of a file that cannot be used. */
  #told: string | undefined;

  /** @param read Reads the keys; at first, there are none before. */
  private constructor(read: (before: Keys | undefined) => Keys) {
    this.#keys = read(undefined);
    this.#read = () => read(this.#keys);
  }

  /**
   * The keys of a directory; made where there are none. Where nothing can be
   * written, a key of this process, with which its logins end.
   */
  static ofDirectory(directory: string): SigningKeys {
    const path = pathIn(directory);
    return new SigningKeys((before) => {
      try {
        const found = readIfThere(path) ?? makeKey(path, directory);
        return found ?? before ?? [randomBytes(LENGTH)];
      } catch (error) {
        throw unusable(error);
      }
    });
  }

  /**
   * The keys of `--key-file`. Throws a UsageError for a wrong line, and a
   * StartError if the file cannot be read.
   */
  static async ofFile(path: string): Promise<SigningKeys> {
    await obtainFile("--key-file", path);
    return new SigningKeys(() => readNamed(path));
  }

  /**
   * The keys now. Another file counts within a second; one that cannot be used
   * changes nothing, and is told once.
   */
  current(): Keys {
    if (performance.now() - this.#lookedAt >= LOOK_AGAIN) this.look();
    return this.#keys;
  }

  /** Looks at the file, and tells if it is another one, or cannot be used. */
  look(): void {
    this.#lookedAt = performance.now();
    try {
      const keys = this.#read();
      this.#told = undefined;
      if (isSame(keys, this.#keys)) return;
      this.#keys = keys;
      tellInPassing("The signing keys are read again", "info");
    } catch (error) {
      const why = reasonOf(error);
      if (why === this.#told) return;
      this.#told = why;
      tellInPassing(`The signing keys stay as they were: ${why}`, "warn");
    }
  }
}

/** The keys of a directory that a server has made. */
export function storedKeys(directory: string): Keys {
  let keys: Keys | undefined;
  try {
    keys = readIfThere(pathIn(directory));
  } catch (error) {
    throw unusable(error);
  }
  if (keys) return keys;
  throw new StartError(
    "Cannot make a link: no server has made a key in this directory, start " +
      "one with --auth or --password, or choose another with --directory",
  );
}

function pathIn(directory: string): string {
  return join(directory, STATE_FOLDER, NAME);
}

function isSame(some: Keys, others: Keys): boolean {
  return some.length === others.length &&
    some.every((key, at) => Buffer.compare(key, others[at]) === 0);
}

/** The keys of a file that is no link; undefined if it is not there. */
function readIfThere(path: string): Keys | undefined {
  try {
    return keysIn(path, Deno.lstatSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function readNamed(path: string): Keys {
  try {
    return keysIn(path, Deno.statSync(path));
  } catch (error) {
    const action = `Cannot use --key-file: ${quoted(path)}`;
    if (error instanceof WrongKey) {
      throw new UsageError(`${action}, ${error.message}: ${HOW_TO_MAKE}`);
    }
    const why = error instanceof Deno.errors.NotFound
      ? `there is no such file, make it by ${HOW_TO_MAKE}`
      : `${messageOf(error)}, choose another file`;
    throw new StartError(`${action}, ${why}`);
  }
}

const HOW_TO_MAKE = "openssl rand -base64 32";

/** The content of a file is not what it should be. */
class WrongKey extends Error {}

const keyPattern = /^[\w+/-]{43,1024}={0,2}$/;

/** Only of a file: to open a pipe would wait for its writer. */
function keysIn(path: string, info: Deno.FileInfo): Keys {
  if (!info.isFile) throw new WrongKey("it is not a file");
  if (info.size > MOST_CONTENT) throw new WrongKey("it is too long");
  const lines = Deno.readTextFileSync(path).split("\n")
    .map((line) => line.trim()).filter((line) => line !== "");
  if (lines.length === 0) throw new WrongKey("it has no key");
  const keys = lines.slice(0, MOST_KEYS);
  const wrong = keys.findIndex((line) => !keyPattern.test(line));
  if (wrong >= 0) throw new WrongKey(`line ${wrong + 1} is no key`);
  return keys.map((line) => Buffer.from(line, "base64url"));
}

/**
 * Makes a key, or undefined where nothing can be written. The first of several
 * instances wins: a link replaces nothing.
 */
function makeKey(path: string, directory: string): Keys | undefined {
  const { state } = Deno.permissions.querySync({ name: "write", path });
  if (state !== "granted") return undefined;
  try {
    if (!makeStateFolder(join(directory, STATE_FOLDER))) {
      throw new Error("its folder is not a directory");
    }
    const fresh = `${path}.${crypto.randomUUID()}`;
    const key = randomBytes(LENGTH).toString("base64url");
    Deno.writeTextFileSync(fresh, `${key}\n`, { mode: 0o600 });
    try {
      Deno.linkSync(fresh, path);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    } finally {
      Deno.removeSync(fresh);
    }
    return readIfThere(path);
  } catch (error) {
    const isReadOnly = error instanceof Deno.errors.PermissionDenied ||
      error instanceof Error && "code" in error && error.code === "EROFS";
    if (isReadOnly) return undefined;
    throw error;
  }
}

function unusable(error: unknown): StartError {
  return new StartError(
    `Cannot use the keys of logins in ${STATE_FOLDER}/${NAME}: ` +
      `${messageOf(error)}, remove that file`,
  );
}
