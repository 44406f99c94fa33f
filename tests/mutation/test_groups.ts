/**
 * Which tests are asked about a mutant, and in which order: those of its own
 * room first, since they most likely fail, and soonest.
 *
 * @module
 */
import type { Room } from "./sites.ts";

/** Tests that run in one process. */
export interface TestGroup {
  name: string;
  /** The folder that has a config for them; else `deno task test` runs them. */
  configured?: string;
  /** Where the tests are, unless all are run. */
  folders: string[];
  /** Where tests are that are left out. */
  ignored: string[];
}

const wire = ["tests/wire/", "tests/messages/", "tests/rfc9112/"];
const server = ["tests/server/", "tests/rfc9110/"];
const files = ["tests/files/", "tests/cli/"];

/** Tests whose config is their own; `deno task test` leaves them out. */
const apart = ["property", "differential", "faults", "library"];

/** Hundreds of clients at a time want the machine for themselves. */
const crowds = [
  "broken_clients_test.ts",
  "descriptors_test.ts",
  "held_memory_test.ts",
  "large_test.ts",
  "listings_test.ts",
  "slow_clients_test.ts",
  "slow_content_test.ts",
  "soak_test.ts",
];

/** All groups: each test is in one, but for those in a browser and crowds. */
export const groups: readonly TestGroup[] = [
  { name: "wire", folders: wire, ignored: [] },
  { name: "server", folders: server, ignored: [] },
  { name: "files", folders: files, ignored: [] },
  {
    name: "rest",
    folders: [],
    ignored: [...wire, ...server, ...files],
  },
  ...apart.map((name) => ({
    name,
    configured: `tests/${name}`,
    folders: [],
    ignored: name === "faults" ? crowds : [],
  })),
];

/** The order for a mutant in a room. */
export const orders: Readonly<Record<Room, readonly string[]>> = {
  wire: [
    "wire",
    "property",
    "server",
    "rest",
    "differential",
    "files",
    "library",
    "faults",
  ],
  server: ["server", "wire", "rest", "files", "library", "faults"],
  // No test of the wire, nor of a parser, reads a file.
  files: ["files", "rest", "server", "library", "faults"],
};

/** The test files of a group that name a module, or are named as it is. */
export async function testsAbout(
  file: string,
  group: TestGroup,
  root: string,
): Promise<string[]> {
  const name = file.slice(file.lastIndexOf("/") + 1);
  const about: string[] = [];
  for (const folder of group.folders) {
    for (const entry of Deno.readDirSync(`${root}/${folder}`)) {
      if (!entry.name.endsWith("_test.ts")) continue;
      const path = folder + entry.name;
      const isNamed = entry.name.includes(name.replace(/\.ts$/, "_test.ts"));
      const text = await Deno.readTextFile(`${root}/${path}`);
      if (isNamed || text.includes(`/${file}"`)) about.push(path);
    }
  }
  return about.sort();
}
