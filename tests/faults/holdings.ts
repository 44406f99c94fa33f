/**
 * What a process holds, as Linux tells it.
 *
 * @module
 */

/** MiB of memory: now, or at most until now. */
export async function memory(
  pid: number,
  field: "VmRSS" | "VmHWM" = "VmRSS",
): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const [, kibibytes] = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)!;
  return Number(kibibytes) / 1024;
}

/** Files, sockets and pipes that are open. */
export async function descriptors(pid: number): Promise<number> {
  const entries = await Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`));
  return entries.length;
}

/** CPU that it has used, in seconds. */
export async function cpuTime(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // In ticks, of which Linux tells a hundred a second.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Asks until it is so, for as long as may be. @returns whether it became so. */
export async function becomesTrue(
  isSo: () => boolean | Promise<boolean>,
  patience = 20_000,
): Promise<boolean> {
  const start = performance.now();
  while (!await isSo()) {
    if (performance.now() - start > patience) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}
