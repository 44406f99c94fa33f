/**
 * The keys that sign logins: lines of a file in the hidden state folder, which
 * all instances share that serve one directory. The first line signs; the
 * second is the key before it, whose signatures still hold.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { join } from "../files/file_path.ts";
import { makeStateFolder, STATE_FOLDER } from "../files/shared_state.ts";
import { messageOf, StartError } from "./messages.ts";

const NAME = "login-keys";

/** Octets of a new key. */
const LENGTH = 32;
const MOST_KEYS = 2;

/**
 * The keys of a directory; made where there are none. Where nothing can be
 * written, a key of this process, with which its logins end.
 */
export async function signingKeys(directory: string): Promise<Uint8Array[]> {
  const path = join(directory, STATE_FOLDER, NAME);
  const { state } = await Deno.permissions.query({ name: "write", path });
  try {
    return await readKeys(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw unusable(error);
  }
  if (state !== "granted") return [randomBytes(LENGTH)];
  try {
    await makeKey(path, join(directory, STATE_FOLDER));
    return await readKeys(path);
  } catch (error) {
    const isReadOnly = error instanceof Deno.errors.PermissionDenied ||
      error instanceof Error && "code" in error && error.code === "EROFS";
    if (isReadOnly) return [randomBytes(LENGTH)];
    throw unusable(error);
  }
}

/** The keys of a directory that a server has made. */
export async function storedKeys(directory: string): Promise<Uint8Array[]> {
  try {
    return await readKeys(join(directory, STATE_FOLDER, NAME));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw unusable(error);
    throw new StartError(
      "Cannot make a link: no server has made a key in this directory, start " +
        "one with --auth or --password, or choose another with --directory",
    );
  }
}

async function readKeys(path: string): Promise<Uint8Array[]> {
  const info = await Deno.lstat(path);
  if (!info.isFile) throw new Error("it is not a file");
  const lines = (await Deno.readTextFile(path)).split("\n")
    .map((line) => line.trim()).filter((line) => line !== "");
  const keys = lines.slice(0, MOST_KEYS)
    .map((line) => Buffer.from(line, "base64url"));
  if (keys.length === 0 || keys.some(({ length }) => length < LENGTH)) {
    throw new Error("a line is no key");
  }
  return keys;
}

/** The first of several instances wins: a link replaces nothing. */
async function makeKey(path: string, folder: string): Promise<void> {
  if (!makeStateFolder(folder)) {
    throw new Error("its folder is not a directory");
  }
  const fresh = `${path}.${crypto.randomUUID()}`;
  const key = randomBytes(LENGTH).toString("base64url");
  await Deno.writeTextFile(fresh, `${key}\n`, { mode: 0o600 });
  try {
    await Deno.link(fresh, path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  } finally {
    await Deno.remove(fresh);
  }
}

function unusable(error: unknown): StartError {
  return new StartError(
    `Cannot use the keys of logins in ${STATE_FOLDER}/${NAME}: ` +
      `${messageOf(error)}, remove that file`,
  );
}
