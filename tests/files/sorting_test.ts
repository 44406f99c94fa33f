/** Lists that are sorted in short steps, and the first of long ones. */

import { assert, assertEquals } from "@std/assert";
import { turns } from "../../lib/files/bounded_work.ts";
import { FirstOf, sortedIndexes } from "../../lib/files/sorting.ts";

/** Numbers below a limit that look like chance, the same each time. */
function numbers(count: number, limit: number): number[] {
  let state = 20261130;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % limit;
  });
}

const ascending = (a: number, b: number) => a - b;

Deno.test("a list is sorted, and equal ones keep their order", async () => {
  for (const count of [0, 1, 2, 255, 256, 257, 1000, 5000]) {
    const values = numbers(count, 100);
    const compare = (a: number, b: number) => values[a] - values[b];
    const sorted = await turns.run(sortedIndexes(count, compare));
    const indexes = values.map((_, index) => index);
    assertEquals([...sorted], indexes.toSorted(compare));
  }
});

Deno.test("the first of a list are those of the sorted one", () => {
  for (const [count, wanted] of [[0, 3], [5, 3], [6, 3], [7, 3], [5000, 100]]) {
    for (const limit of [10, 1e9]) {
      const values = numbers(count, limit);
      const first = new FirstOf(wanted, ascending);
      for (const value of values) first.offer(value);
      const sorted = values.toSorted(ascending);
      assertEquals(first.sorted(), sorted.slice(0, wanted));
    }
  }
});

Deno.test("to find the first compares less than to sort all", () => {
  const values = numbers(20_000, 1e9);
  let comparisons = 0;
  const first = new FirstOf<number>(100, (a, b) => {
    comparisons++;
    return a - b;
  });
  for (const value of values) first.offer(value);
  first.sorted();
  assert(comparisons < 2 * values.length, `${comparisons} comparisons`);
});
