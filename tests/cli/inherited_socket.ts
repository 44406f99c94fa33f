/**
 * Starts the command with a listening socket as its descriptor 3, as systemd
 * does, and without any permission for the network.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { RunningCommand } from "./command.ts";

const main = fromFileUrl(new URL("../../main.ts", import.meta.url));

/** The process becomes the program: what is sent to it arrives there. */
const launcher = `
import os, resource, socket, sys
where, most = sys.argv[1], int(sys.argv[2])
if where.startswith("/"):
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(where)
    listening.listen(64)
else:
    listening = socket.create_server((where, 0))
    print("Port", listening.getsockname()[1], file=sys.stderr, flush=True)
os.dup2(listening.fileno(), 3)
os.set_inheritable(3, True)
if most:
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
os.execv(sys.argv[3], sys.argv[3:])
`;

/** The arguments of Deno. */
export const inheritingArgs: readonly string[] = [
  ...["run", "--no-prompt", "--allow-read=./public", "--allow-write=./public"],
  ...[main, "--listen", "fd:3", "--drain-delay", "0s"],
];

/** Where it listens, and how many descriptors it may have. Default: as many as here. */
export interface Where {
  /** An IPv4 address, or the path of a Unix socket. */
  address: string;
  descriptors?: number;
}

/** The command, and the port of its socket: NaN for a Unix socket. */
export interface Inheriting extends AsyncDisposable {
  command: RunningCommand;
  port: number;
}

/** Starts it in a directory that has a `public`. */
export async function startInheriting(
  cwd: string,
  { address, descriptors = 0 }: Where,
  ...args: string[]
): Promise<Inheriting> {
  const process = new Deno.Command("python3", {
    args: [
      ...["-c", launcher, address, `${descriptors}`],
      ...[Deno.execPath(), ...inheritingArgs, ...args],
    ],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const command = new RunningCommand(process);
  try {
    await command.stderr.until(/^Serving /);
  } catch (error) {
    await command[Symbol.asyncDispose]();
    throw error;
  }
  const told = command.stderr.all.find((line) => line.startsWith("Port "));
  return {
    command,
    port: Number(told?.slice("Port ".length)),
    [Symbol.asyncDispose]: () => command[Symbol.asyncDispose](),
  };
}

/** Whether this run of the tests may start it: Python passes the socket on. */
export const mayInherit: boolean = Deno.build.os !== "windows" &&
  (await Deno.permissions.query({ name: "run" })).state === "granted" &&
  (await new Deno.Command("sh", {
    args: ["-c", "command -v python3"],
    stdout: "null",
  }).output()).success;
