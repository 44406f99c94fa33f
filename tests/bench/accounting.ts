/**
 * What the system has written down about the processes of a server: time and
 * memory, all of their threads together.
 *
 * @module
 */

/** Clock ticks in a second: USER_HZ, the same on every Linux. */
const ticksPerSecond = 100;

/** Microseconds of CPU that they have used. */
export async function cpuTime(pids: number[]): Promise<number> {
  const ticks = await sum(pids, async (pid) => {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    // The name in parentheses is the program's to choose, spaces and all.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [user, system] = fields.slice(11, 13).map(Number);
    return user + system;
  });
  return ticks / ticksPerSecond * 1e6;
}

/** KiB of memory that they hold now. */
export async function memory(pids: number[]): Promise<number> {
  return await sum(pids, (pid) => statusField(pid, "VmRSS"));
}

/** KiB that each has held at most, together. */
export async function peakMemory(pids: number[]): Promise<number> {
  return await sum(pids, (pid) => statusField(pid, "VmHWM"));
}

async function sum(
  pids: number[],
  count: (pid: number) => Promise<number>,
): Promise<number> {
  const counts = await Promise.all(pids.map(count));
  return counts.reduce((total, each) => total + each, 0);
}

async function statusField(pid: number, name: string): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status);
  if (!match) throw new Error(`Cannot read the memory of ${pid}: no ${name}`);
  return Number(match[1]);
}
