/**
 * Which cores servers and load run on, so that neither takes time from the other.
 *
 * @module
 */

/** How many there are: asked before this process is moved to one of them. */
export const coreCount: number = navigator.hardwareConcurrency;

/** All of them, as taskset takes them. */
export const allCores = `0-${coreCount - 1}`;

/** Core of the servers; the load has the other. */
export const serverCore = "0";
const loadCore = "1";

/** Two for servers: where there is a third, without that of the load. */
export const twoCores: string[] = [serverCore, coreCount > 2 ? "2" : loadCore];

let moving: Promise<boolean> | undefined;

/**
 * From the first call on this process and what it starts are the load. Whether
 * each side has a core of its own.
 */
export function moveToLoadCore(): Promise<boolean> {
  return moving ??= coreCount > 1 ? move() : Promise.resolve(false);
}

async function move(): Promise<boolean> {
  try {
    const args = ["--all-tasks", "--cpu-list", "--pid", loadCore];
    const { success } = await new Deno.Command("taskset", {
      args: [...args, String(Deno.pid)],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A command that runs on these cores, where there are cores to choose from. */
export async function onCores(
  cpuList: string,
  command: string[],
): Promise<string[]> {
  return await moveToLoadCore()
    ? ["taskset", "--cpu-list", cpuList, ...command]
    : command;
}
