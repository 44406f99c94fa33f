/**
 * The state of the project at a commit, laid out in a folder of its own, so that
 * two of them can run in one process.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";

/** What the library exports. */
export type Library = typeof import("../../mod.ts");

/** The top of the project that this file belongs to. */
export const projectRoot = fromFileUrl(new URL("../../", import.meta.url))
  .replace(/\/$/, "");

/**
 * The commit whose behavior later ones must keep, but for what stands in
 * `wanted.ts`. It is moved where behavior was changed on purpose and the list has
 * become long: since the rebuild of `lib/server/`, a million messages showed no
 * difference that was not wanted; then streams went out in chunks, sentences
 * were reworded, and unread content was not awaited any more.
 */
export const reference = "f4f7eb7416f490b64948b8272afc4642f262694b";

/** Loads the library of a tree. Each root gives modules of its own. */
export function loadLibrary(root: string): Promise<Library> {
  return import(new URL(`file://${root}/mod.ts`).href);
}

/** A tree in a temporary folder; disposing of it removes the folder. */
export interface LaidOut extends AsyncDisposable {
  root: string;
}

/** A commit that git does not know here. */
export class NoSuchCommit extends Error {}

/**
 * Lays out the library of a commit, or these paths of it; with none, all that it
 * has. Throws a {@link NoSuchCommit}.
 */
export async function layOutCommit(
  ref: string,
  paths: string[] = ["mod.ts", "lib"],
): Promise<LaidOut> {
  try {
    await run("git", ["-C", projectRoot, "cat-file", "-e", `${ref}^{commit}`]);
  } catch {
    throw new NoSuchCommit(
      `Cannot find commit ${ref}: fetch the whole history ` +
        "(git fetch --unshallow), or name another commit",
    );
  }
  return await layOut(async (root) => {
    const archive = `${root}/tree.tar`;
    await run("git", [
      ...["-C", projectRoot, "archive", `--output=${archive}`, ref],
      ...paths,
    ]);
    await run("tar", ["-xf", archive, "-C", root]);
    await Deno.remove(archive);
  });
}

/** Lays out a copy of the working tree's library, with a change made to it. */
export function layOutCopy(
  change: (code: string, path: string) => string = (code) => code,
): Promise<LaidOut> {
  return layOut(async (root) => {
    await run("cp", [
      "-r",
      `${projectRoot}/mod.ts`,
      `${projectRoot}/lib`,
      root,
    ]);
    await changeModules(root, `${root}/lib`, change);
  });
}

async function layOut(
  fill: (root: string) => Promise<void>,
): Promise<LaidOut> {
  const root = await Deno.makeTempDir({ prefix: "tree-" });
  const remove = () => Deno.remove(root, { recursive: true });
  try {
    await fill(root);
  } catch (error) {
    await remove();
    throw error;
  }
  return { root, [Symbol.asyncDispose]: remove };
}

async function changeModules(
  root: string,
  folder: string,
  change: (code: string, path: string) => string,
): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) await changeModules(root, path, change);
    if (!name.endsWith(".ts")) continue;
    const code = await Deno.readTextFile(path);
    const changed = change(code, path.slice(root.length + 1));
    if (changed !== code) await Deno.writeTextFile(path, changed);
  }
}

async function run(command: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args })
    .output();
  if (success) return;
  throw new Error(`${command}: ${new TextDecoder().decode(stderr).trim()}`);
}
