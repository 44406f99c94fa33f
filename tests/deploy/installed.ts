/**
 * The files of deploy/, and the programs that they are for.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";

/** Where the files are. */
export const folder: string = fromFileUrl(
  new URL("../../deploy/", import.meta.url),
);

const mayRun = (await Promise.all([
  Deno.permissions.query({ name: "run" }),
  Deno.permissions.query({ name: "read" }),
  Deno.permissions.query({ name: "write" }),
  Deno.permissions.query({ name: "net" }),
])).every(({ state }) => state === "granted");

/** Whether a program is installed, and these tests may start it. */
export async function hasProgram(name: string): Promise<boolean> {
  if (!mayRun) return false;
  const { success } = await new Deno.Command("sh", {
    args: ["-c", `command -v ${name}`],
    stdout: "null",
  }).output();
  return success;
}

/** Runs a program in the folder. @returns all that it says. */
export async function run(
  name: string,
  ...args: string[]
): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(name, {
    args,
    cwd: folder,
    env: { NO_COLOR: "1", SYSTEMD_COLORS: "0" },
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}
