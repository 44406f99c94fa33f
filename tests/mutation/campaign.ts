/**
 * Judges many mutants, several at the same time, each in a copy of the project.
 *
 * @module
 */
import { describe, judge, runTwice } from "./judge.ts";
import { addRecord, type Duration, type Judged } from "./records.ts";
import type { Site } from "./sites.ts";
import { groups, orders } from "./test_groups.ts";

/** With a mutant a group may take so much longer: by a factor, and by ms. */
const PATIENCE = { factor: 3, more: 30_000 };

/** A site, and its place among those that were chosen. */
export type Numbered = Site & { number: number };

/** What a campaign works with. */
export interface CampaignOptions {
  /** Copies of the project; each has one mutant at a time. */
  copies: readonly string[];
  /** Where durations and verdicts are written down. */
  records: string;
  signal: AbortSignal;
  /** Is told each verdict. */
  onJudged(mutant: Judged): void;
}

/** Runs each group of tests without a mutant, unless its duration is known. */
export async function measure(
  known: readonly Duration[],
  options: CampaignOptions,
): Promise<Duration[]> {
  const durations = [...known];
  const unknown = groups.filter(({ name }) =>
    !known.some(({ group }) => group === name)
  );
  await inCopies(unknown, options, async (group, root) => {
    const start = performance.now();
    const outcome = await runTwice(root, group, { signal: options.signal });
    if (outcome.kind === "failed") {
      throw new Error(
        `Cannot judge mutants: without one fails ${describe(outcome)}`,
      );
    }
    const duration = { group: group.name, seconds: secondsSince(start) };
    await addRecord(options.records, duration);
    durations.push(duration);
  });
  return durations;
}

/** Judges each mutant, in groups that have been measured. */
export async function judgeAll(
  mutants: readonly Numbered[],
  durations: readonly Duration[],
  options: CampaignOptions,
): Promise<Judged[]> {
  const limits = new Map(durations.map(({ group, seconds }) => [
    group,
    seconds * 1000 * PATIENCE.factor + PATIENCE.more,
  ]));
  const all: Judged[] = [];
  await inCopies(mutants, options, async (mutant, root) => {
    const start = performance.now();
    const jury = {
      groups: orders[mutant.room].map((name) =>
        groups.find((group) => group.name === name)!
      ),
      limits,
    };
    const verdict = await judge(mutant, root, jury, options.signal);
    const { number, file, line, operator, before, after } = mutant;
    const judged = {
      ...{ number, file, line, operator, before, after },
      verdict,
      seconds: secondsSince(start),
    };
    await addRecord(options.records, judged);
    options.onJudged(judged);
    all.push(judged);
  });
  return all;
}

/** Does something for each item, with as many at a time as there are copies. */
async function inCopies<T>(
  items: readonly T[],
  { copies }: CampaignOptions,
  work: (item: T, root: string) => Promise<void>,
): Promise<void> {
  const left = [...items];
  await Promise.all(copies.map(async (root) => {
    for (let item; (item = left.shift()) !== undefined;) {
      await work(item, root);
    }
  }));
}

function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 1000);
}
