/**
 * A file on its way to its name: made under a name of its own, locked while it
 * is written, and told from one whose writer died. It does not know what goes
 * into it, nor where it goes.
 *
 * @module
 */

import { join } from "./file_path.ts";

/** An open, empty, locked file; whoever makes one renames or removes it. */
export interface PartFile {
  path: string;
  file: Deno.FsFile;
}

const partName = /^\.sluice-[\da-f-]{36}\.part$/;

/**
 * Makes one in a directory.
 *
 * @param mode That of the file which it is to replace, so that nobody reads of it
 * what they could not read there. Default: that of any new file.
 */
export async function createPart(
  directory: string,
  mode?: number,
): Promise<PartFile> {
  const path = join(directory, `.sluice-${crypto.randomUUID()}.part`);
  const file = await Deno.open(path, { write: true, createNew: true, mode });
  // On a file system without locks nobody takes it for a stale one either.
  await file.lock(true).catch(() => {});
  return { path, file };
}

/**
 * Removes what writers that died have left. A lock dies with its process, so
 * what can be locked is stale; its age tells nothing, uploads may take days.
 */
export async function removeStaleParts(directory: string): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(directory)) {
    if (!isFile || !partName.test(name)) continue;
    await removeIfStale(join(directory, name)).catch(() => {});
  }
}

async function removeIfStale(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true });
  if (await file.tryLock(true)) await Deno.remove(path);
}
