/**
 * What the system has written down about a process: time and memory, all of
 * its threads together.
 *
 * @module
 */

/** Clock ticks in a second: USER_HZ, the same on every Linux. */
const ticksPerSecond = 100;

/** Microseconds of CPU that a process has used. */
export async function cpuTime(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name in parentheses is the program's to choose, spaces and all.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system] = fields.slice(11, 13).map(Number);
  return (user + system) / ticksPerSecond * 1e6;
}

/** KiB of memory that a process holds now. */
export async function memory(pid: number): Promise<number> {
  return await statusField(pid, "VmRSS");
}

/** KiB that it has held at most. */
export async function peakMemory(pid: number): Promise<number> {
  return await statusField(pid, "VmHWM");
}

async function statusField(pid: number, name: string): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status);
  if (!match) throw new Error(`Cannot read the memory of ${pid}: no ${name}`);
  return Number(match[1]);
}
