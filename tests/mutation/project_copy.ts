/**
 * Copies of the project, to be mutated: the working tree as it is, with what is
 * not committed and without what git ignores.
 *
 * @module
 */

/** The top of the project that this file belongs to. */
export const projectRoot = new URL("../../", import.meta.url).pathname
  .replace(/\/$/, "");

/** What no verdict depends on. */
const unread = "tests/mutation/";

/** The files of a project, as paths from its top. */
export async function listFiles(root: string): Promise<string[]> {
  const listed = await git(root, [
    "ls-files",
    "-z",
    "--cached",
    "--others",
    "--exclude-standard",
    "--deduplicate",
  ]);
  const paths = listed.split("\0").filter((path) => path !== "");
  const missing = await git(root, ["ls-files", "-z", "--deleted"]);
  const deleted = new Set(missing.split("\0"));
  return paths.filter((path) => !deleted.has(path)).sort();
}

/** Copies files to a folder that does not exist yet. */
export async function copyFiles(
  files: readonly string[],
  from: string,
  to: string,
): Promise<void> {
  for (const path of files) {
    const target = `${to}/${path}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), {
      recursive: true,
    });
    await Deno.copyFile(`${from}/${path}`, target);
  }
}

/** A short name for the contents of files: another for other contents. */
export async function digestFiles(
  files: readonly string[],
  root: string,
): Promise<string> {
  const parts: string[] = [];
  for (const path of files.filter((path) => !path.startsWith(unread))) {
    const octets = await Deno.readFile(`${root}/${path}`);
    parts.push(`${path} ${await sha256(octets)}\n`);
  }
  const digest = await sha256(new TextEncoder().encode(parts.join("")));
  return digest.slice(0, 12);
}

/** The hash of the commit that is checked out. */
export async function headCommit(root: string): Promise<string> {
  return (await git(root, ["rev-parse", "HEAD"])).trim();
}

async function sha256(octets: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", octets)).toHex();
}

async function git(root: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["-C", root, ...args],
  }).output();
  const text = (octets: Uint8Array) => new TextDecoder().decode(octets);
  if (!success) throw new Error(`Cannot ask git: ${text(stderr).trim()}`);
  return text(stdout);
}
