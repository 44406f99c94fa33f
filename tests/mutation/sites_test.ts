/** That a seed chooses sites, evenly and always the same. */

import { assert, assertEquals } from "@std/assert";
import { operators } from "./operators.ts";
import { projectRoot } from "./project_copy.ts";
import { chooseSites, findAllSites, rooms, type Site } from "./sites.ts";

const sites = await findAllSites(projectRoot);
const placesOf = (chosen: readonly Site[]) =>
  chosen.map(({ file, line, after }) => `${file}:${line} ${after}`);

Deno.test("a seed chooses the same sites each time", () => {
  const chosen = placesOf(chooseSites(sites, 1, 60));
  assertEquals(placesOf(chooseSites(sites, 1, 60)), chosen);
  assert(placesOf(chooseSites(sites, 2, 60)).join() !== chosen.join());
});

Deno.test("more sites begin with the same ones", () => {
  const chosen = placesOf(chooseSites(sites, 1, 60));
  assertEquals(placesOf(chooseSites(sites, 1, 90)).slice(0, 60), chosen);
});

Deno.test("each room and each operator gets its share", () => {
  const shares = Map.groupBy(
    chooseSites(sites, 1, 90),
    ({ room, operator }) => `${room}: ${operator}`,
  );
  assertEquals(
    Object.fromEntries([...shares].map(([name, { length }]) => [name, length])),
    Object.fromEntries(
      rooms.flatMap((room) =>
        operators.map(({ name }) => [`${room}: ${name}`, 5])
      ),
    ),
  );
});

Deno.test("no site is chosen twice", () => {
  const all = chooseSites(sites, 1, Infinity);
  assertEquals(all.length, sites.length);
  assertEquals(new Set(all).size, sites.length);
});
