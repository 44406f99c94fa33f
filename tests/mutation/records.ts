/**
 * What is known about mutants: verdicts, written down at once so that a run
 * which is broken off can go on, and why some cannot be killed.
 *
 * @module
 */
import type { Verdict } from "./judge.ts";
import type { Site } from "./sites.ts";

/** How long a group of tests takes without a mutant. */
export interface Duration {
  group: string;
  seconds: number;
}

/** What the tests said about one mutant. */
export interface Judged extends Named {
  number: number;
  line: number;
  verdict: Verdict;
  seconds: number;
}

/** What names a mutant, wherever in its file the lines are. */
export type Named = Pick<Site, "file" | "operator" | "before" | "after">;

interface Explanation extends Named {
  reason: string;
}

/** Reads a file of records; empty if there is none. */
export async function readRecords(
  path: string,
): Promise<(Duration | Judged)[]> {
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  // After the last line end there is nothing, or a record that was cut off.
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

/** Writes a record down at the end of a file, which need not exist yet. */
export async function addRecord(
  path: string,
  record: Duration | Judged,
): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, `${JSON.stringify(record)}\n`, {
    append: true,
  });
}

/** Why no client could see a mutant, as `explained.json` states it. */
export async function readExplanations(): Promise<
  (mutant: Named) => string | undefined
> {
  const path = new URL("./explained.json", import.meta.url);
  const explanations: Explanation[] = JSON.parse(await Deno.readTextFile(path));
  const reasons = new Map(
    explanations.map((explanation) => [keyOf(explanation), explanation.reason]),
  );
  return (mutant) => reasons.get(keyOf(mutant));
}

/** A text for each mutant, another for another one. */
export function keyOf({ file, operator, before, after }: Named): string {
  return [file, operator, before, after].join("\n");
}
