/** That mutants of a small project get the verdict that they deserve. */

import { assertEquals } from "@std/assert";
import { judge, type Jury, type Verdict } from "./judge.ts";
import { findSites } from "./sites.ts";

const source = `export function countDown(from: number): number {
  let steps = 0;
  let left = from;
  while (left > 0) {
    steps++;
    left--;
  }
  if (steps < 0) throw new Error("Too few");
  return steps;
}
`;

const project = {
  "deno.json": JSON.stringify({
    tasks: { test: "deno test --allow-read --allow-write" },
  }),
  "lib/wire/count.ts": source,
  "tests/wire/count_test.ts":
    `import { countDown } from "../../lib/wire/count.ts";
Deno.test("it counts", () => {
  if (countDown(3) !== 3) throw new Error("It does not");
});
`,
  // Fails the first time, and never again.
  "tests/wire/flaky_test.ts": `Deno.test("it wavers", () => {
  const marker = new URL("./marker", import.meta.url);
  try {
    Deno.readTextFileSync(marker);
  } catch {
    Deno.writeTextFileSync(marker, "");
    throw new Error("It does this time");
  }
});
`,
};

const group = {
  name: "wire",
  folders: ["tests/wire/"],
  ignored: [],
};

async function verdictOn(
  operator: string,
  before: string,
  limit = 60_000,
): Promise<Verdict> {
  const root = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(project)) {
      const target = `${root}/${path}`;
      await Deno.mkdir(target.replace(/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(target, text);
    }
    const site = findSites("wire", "lib/wire/count.ts", source)
      .find((site) => site.operator === operator && site.before === before)!;
    const jury: Jury = { groups: [group], limits: new Map([["wire", limit]]) };
    const verdict = await judge(site, root, jury);
    assertEquals(await Deno.readTextFile(`${root}/${site.file}`), source);
    return verdict;
  } finally {
    await Deno.remove(root, { recursive: true });
    await Deno.remove(`${root}.tmp`, { recursive: true });
  }
}

Deno.test("a mutant is killed by a test that fails twice", async () => {
  assertEquals(await verdictOn("off by one", "while (left > 0) {"), {
    kind: "killed",
    by: "it counts (tests/wire/count_test.ts)",
  });
});

Deno.test("a mutant survives when only a test that wavers fails", async () => {
  const before = 'if (steps < 0) throw new Error("Too few");';
  assertEquals(await verdictOn("drop a throw", before), { kind: "survived" });
});

Deno.test("a mutant that hangs is ended", async () => {
  assertEquals(await verdictOn("drop a statement", "left--;", 5_000), {
    kind: "timed out",
    by: "wire",
  });
});
