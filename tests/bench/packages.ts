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
  /** The path of Hono's module. */
  hono: string;
}

const folder = fromFileUrl(new URL("packages/", import.meta.url));

/** Installs them; undefined, and a message, where that fails. */
export async function installPackages(): Promise<Packages | undefined> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--frozen"],
    cwd: folder,
    stdout: "null",
  }).output();
  if (success) {
    const modules = `${folder}node_modules`;
    return {
      bun: `${modules}/@oven/bun-linux-x64/bin/bun`,
      hono: `${modules}/hono/dist/index.js`,
    };
  }
  console.error(new TextDecoder().decode(stderr));
  console.error("Hono, sirv and Bun cannot be installed, and are left out.");
  return undefined;
}
