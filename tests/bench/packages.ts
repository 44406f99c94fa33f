/**
 * What comes from npm for the benchmark alone: packages that heavy stay out of
 * the lock file of the project.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";

/** Packages that are installed. */
export interface Packages {
  /** The path of Bun's program. */
  bun: string;
}

const ownFolder = fromFileUrl(new URL("packages/", import.meta.url));

/** Installs them; undefined, and a message, where that fails. */
export async function installPackages(
  folder = ownFolder,
): Promise<Packages | undefined> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--frozen"],
    cwd: folder,
    stdout: "null",
  }).output();
  if (success) {
    return { bun: `${folder}node_modules/@oven/bun-linux-x64/bin/bun` };
  }
  console.error(new TextDecoder().decode(stderr));
  console.error("Hono, sirv and Bun cannot be installed, and are left out.");
  return undefined;
}
