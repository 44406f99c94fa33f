/**
 * What Linux tells of processes: which ones another has started, with which
 * arguments, and whose connections are whose. It does not know what they are.
 *
 * Deno reads `/proc` only with all permissions; `cat` needs none of them.
 *
 * @module
 */

import { delay } from "@std/async/delay";

/** Milliseconds between two looks at what tells nobody of its changes. */
const LOOK = 10;

/** The processes that a process has started, oldest first. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await output("cat", `/proc/${pid}/task/${pid}/children`);
  return text.trim().split(" ").filter((each) => each !== "").map(Number);
}

/** The arguments of a process. */
export async function argumentsOf(pid: number): Promise<string[]> {
  const text = await output("cat", `/proc/${pid}/cmdline`);
  return text.split("\0").slice(0, -1);
}

/** Fulfilled when a process has ended. */
export async function gone(pid: number): Promise<void> {
  while (await isRunning(pid)) await delay(LOOK);
}

async function isRunning(pid: number): Promise<boolean> {
  const stat = await output("cat", `/proc/${pid}/stat`);
  // A zombie has ended, and waits for its parent to be told.
  return stat !== "" && stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
}

/** The ports of the clients whose connections a process serves. */
export async function clientPortsOf(pid: number): Promise<Set<number>> {
  const sockets = await socketsOf(pid);
  return new Set(
    sockets.map(({ clientPort }) => clientPort).filter((port) => port !== 0),
  );
}

/** Whether a process listens. */
export async function isListening(pid: number): Promise<boolean> {
  return (await socketsOf(pid)).some(({ state }) => state === LISTEN);
}

/** How many sockets listen on a port: one for each process that shares it. */
export async function listenersOf(port: number): Promise<number> {
  const table = await output("cat", "/proc/net/tcp");
  const local = port.toString(16).toUpperCase().padStart(4, "0");
  // Local address, remote address, and 0A, which is LISTEN.
  const listening = new RegExp(`: [0-9A-F]{8}:${local} 0{8}:0000 0A `, "g");
  return table.match(listening)?.length ?? 0;
}

/** As Linux writes it. */
const LISTEN = "0A";

/** A socket of TCP over IPv4. */
interface Socket {
  state: string;
  /** Of the other end; 0 if there is none. */
  clientPort: number;
}

async function socketsOf(pid: number): Promise<Socket[]> {
  const [links, table] = await Promise.all([
    output("ls", "-l", `/proc/${pid}/fd`),
    output("cat", "/proc/net/tcp"),
  ]);
  const inodes = new Set(
    [...links.matchAll(/ -> socket:\[(\d+)\]$/gm)].map(([, inode]) => inode),
  );
  return table.trim().split("\n").slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => inodes.has(fields[9]))
    .map(([, , remote, state]) => ({
      state,
      clientPort: parseInt(remote.split(":")[1], 16),
    }));
}

/** What a program says; nothing where it looks for a process that is gone. */
async function output(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args, stderr: "null" })
    .output();
  return new TextDecoder().decode(stdout);
}
