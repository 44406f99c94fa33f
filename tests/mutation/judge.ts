/**
 * What the tests say about a mutant.
 *
 * @module
 */
import type { Site } from "./sites.ts";
import { type Outcome, runTests } from "./test_run.ts";
import { type TestGroup, testsAbout } from "./test_groups.ts";

/** Killed by a failing test, by a limit of time, or not at all. */
export interface Verdict {
  kind: "killed" | "timed out" | "survived";
  /** The test that failed, or the group that took too long. */
  by?: string;
}

/** Tests to ask, in this order, and how long (ms) each group may take. */
export interface Jury {
  groups: readonly TestGroup[];
  limits: ReadonlyMap<string, number>;
}

/**
 * Mutates one file of the copy at `root`, runs the tests until one fails, and
 * puts the file back.
 */
export async function judge(
  site: Site,
  root: string,
  { groups, limits }: Jury,
  signal?: AbortSignal,
): Promise<Verdict> {
  const path = `${root}/${site.file}`;
  const original = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, site.mutated);
  try {
    for (const group of groups) {
      const first = await testsAbout(site.file, group, root);
      const limit = limits.get(group.name);
      const outcome = await runTwice(root, group, { first, limit, signal });
      if (outcome.kind === "timed out") return { ...outcome, by: group.name };
      if (outcome.kind === "failed") {
        return { kind: "killed", by: describe(outcome) };
      }
    }
    return { kind: "survived" };
  } finally {
    await Deno.writeTextFile(path, original);
  }
}

/**
 * Runs tests; after a failure, once more from the file that failed: a test that
 * fails now and then, on a busy machine, proves nothing.
 */
export async function runTwice(
  root: string,
  group: TestGroup,
  options: Parameters<typeof runTests>[2] = {},
): Promise<Outcome> {
  const outcome = await runTests(root, group, options);
  if (outcome.kind !== "failed") return outcome;
  // A task with a folder of its own runs all its tests, in its own order.
  const first = group.folders.length > 0 && outcome.file !== undefined
    ? [outcome.file]
    : options.first;
  return await runTests(root, group, { ...options, first });
}

/** The test of an outcome, with its file unless that is its name. */
export function describe(outcome: Outcome & { kind: "failed" }): string {
  const { test, file } = outcome;
  if (file === undefined || test.includes(file)) return test;
  return `${test} (${file})`;
}
