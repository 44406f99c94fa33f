/**
 * Programs that the tests talk to the server with. Where one is missing its
 * tests are ignored, and their names say so.
 *
 * @module
 */
import { mayRunCommand } from "../cli/command.ts";

/** Whether a program can be started by that name. */
export async function hasTool(name: string): Promise<boolean> {
  if (!mayRunCommand) return false;
  try {
    await new Deno.Command(name, {
      args: ["-h"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return true;
  } catch {
    return false;
  }
}

/** Registers a test that needs a program. */
export async function toolTest(
  tool: string,
  name: string,
  fn: () => Promise<void>,
): Promise<void> {
  Deno.test({ name: `${tool}: ${name}`, ignore: !await hasTool(tool), fn });
}

/** Runs a program to its end; gives what it printed. Throws if it failed. */
export async function runTool(
  tool: string,
  args: string[],
  input = "",
): Promise<string> {
  const child = new Deno.Command(tool, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${tool} failed: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
