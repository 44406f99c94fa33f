/** What is on a roster, and what is seen of it while it changes. */

import { assertEquals } from "@std/assert";
import { Roster } from "../../lib/server/roster.ts";

function items(count: number) {
  return Array.from({ length: count }, (_, name) => ({ name, place: 0 }));
}

function namesOn(roster: Roster<{ name: number; place: number }>): number[] {
  return [...roster].map(({ name }) => name).sort();
}

Deno.test("what is taken off, from wherever, is not on it, and the rest is", () => {
  for (const removed of [0, 1, 2]) {
    const roster = new Roster<{ name: number; place: number }>();
    const all = items(3);
    all.forEach((item) => roster.add(item));
    roster.delete(all[removed]);
    assertEquals(namesOn(roster), [0, 1, 2].filter((it) => it !== removed));
    assertEquals(roster.size, 2);
    roster.delete(all[removed]);
    assertEquals(roster.size, 2);
    for (const item of all) roster.delete(item);
    assertEquals(namesOn(roster), []);
  }
});

for (const way of ["an iteration", "a visit"]) {
  Deno.test(`${way} sees all, also when each is taken off at its turn`, () => {
    const roster = new Roster<{ name: number; place: number }>();
    const all = items(5);
    all.forEach((item) => roster.add(item));
    const seen: number[] = [];
    const act = (item: (typeof all)[number]) => {
      seen.push(item.name);
      roster.delete(item);
    };
    if (way === "a visit") roster.visit(act);
    else for (const item of roster) act(item);
    assertEquals(seen.sort(), [0, 1, 2, 3, 4]);
    assertEquals(roster.size, 0);
  });
}

Deno.test("nobody is seen who was taken off by another, and nobody is missed", () => {
  const roster = new Roster<{ name: number; place: number }>();
  const all = items(6);
  all.forEach((item) => roster.add(item));
  const seen = new Set<number>();
  for (const item of roster) {
    seen.add(item.name);
    if (item.name === 4) [0, 1, 5].forEach((name) => roster.delete(all[name]));
  }
  assertEquals([...seen].sort(), [2, 3, 4, 5]);
});
