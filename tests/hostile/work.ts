/**
 * What something costs, by the CPU that this process takes for it: nothing else
 * should run in it. Other processes make it no more than a little dearer; what
 * wavers is tried again, and the least counts.
 *
 * @module
 */
import process from "node:process";

/** Something to be done. */
export type Work = () => unknown;

/** Microseconds of CPU. */
export async function cost(work: Work): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** How often something is tried before it is called too much. */
const TRIALS = 6;

/** The least cost, tried again only as long as it is more than `enough`. */
export async function leastCost(work: Work, enough: number): Promise<number> {
  let least = Infinity;
  for (let trial = 0; trial < TRIALS && least > enough; trial++) {
    least = Math.min(least, await cost(work));
  }
  return least;
}

/** Ten times the input may take so many times the work. */
export const MOST_GROWTH = 15;

/**
 * How many times more something costs with ten times the input. What costs less
 * than `floor` microseconds then has not grown, whatever it cost before.
 */
export async function growth(
  once: Work,
  tenfold: Work,
  floor: number,
): Promise<number> {
  let small = Infinity;
  let large = Infinity;
  for (let trial = 0; trial < TRIALS; trial++) {
    large = Math.min(large, await cost(tenfold));
    if (large <= floor) return 1;
    // The least of several, as the large one is of several pieces of time.
    for (let round = 0; round < 3; round++) {
      small = Math.min(small, await cost(once));
    }
    if (large <= MOST_GROWTH * small) break;
  }
  return large / small;
}
