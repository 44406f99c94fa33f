/** What X-ray shows of the code and of tests is what they are now. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import * as shown from "../lib/page/browser/sources.js";
import { explain } from "../lib/page/browser/explanations.js";
import {
  findSources,
  module,
  moduleOf,
  pieceAt,
  type Sources,
} from "./source_links.ts";
import { fields, kinds } from "./source_link_table.ts";

const root = new URL("../", import.meta.url);
const { pieces, ...links } = shown as unknown as Sources;

const ignore =
  (await Deno.permissions.query({ name: "read", path: root })).state !==
    "granted";

Deno.test("sources.js is up to date: else run `deno task sources`", {
  ignore,
}, async () => {
  const text = await Deno.readTextFile(module);
  assert(text === moduleOf(await findSources()), "run deno task sources");
});

Deno.test("each line that is shown stands where it is said to stand", {
  ignore,
}, async () => {
  for (const [place, piece] of Object.entries(pieces)) {
    const [path, line] = place.split(":");
    const lines = (await Deno.readTextFile(new URL(path, root))).split("\n");
    const [first] = piece.split("\n");
    assertEquals(lines[Number(line) - 1].trim(), first.trim(), place);
  }
  const used = [
    ...Object.values(links.kinds).flat(),
    ...Object.values(links.fields).flat(),
    ...Object.values(links.refusals).flat(),
  ];
  assertEquals(new Set(used), new Set(Object.keys(pieces)));
});

Deno.test("the code and the test have the words that name them", () => {
  for (
    const [table, found] of [
      [kinds, links.kinds],
      [fields, links.fields],
    ] as const
  ) {
    assertEquals(Object.keys(found), Object.keys(table));
    for (const [name, { code, test }] of Object.entries(table)) {
      const [codePlace, testPlace] = found[name];
      assert(pieces[codePlace].includes(code[1]), `${name}: ${codePlace}`);
      assert(pieces[testPlace].includes(test[1]), `${name}: ${testPlace}`);
      assertMatch(testPlace, /^tests\/.*_test\.ts:\d+$/);
      assertMatch(codePlace, /^lib\//);
    }
  }
});

Deno.test("each reason for a refusal is in the code that is shown for it", () => {
  assert(Object.keys(links.refusals).length > 15);
  for (const [reason, [place]] of Object.entries(links.refusals)) {
    assert(pieces[place].includes(reason), `${reason}: ${place}`);
  }
});

Deno.test("each part that X-ray explains has code and a test", {
  ignore,
}, async () => {
  const explained = await Deno.readTextFile(
    new URL("lib/page/browser/explanations.js", root),
  );
  const names = [...explained.matchAll(/^ {2}"([-a-z]+)": \{$/gm)]
    .map(([, name]) => name);
  assertEquals(names.sort(), Object.keys(links.kinds).sort());
  for (const kind of Object.keys(links.kinds)) {
    // A kind that is unknown would be explained as content.
    const { name } = explain({ kind });
    assertEquals(name === "Content", kind === "content", kind);
  }
  for (const name of Object.keys(links.fields)) {
    const about = explain({ kind: "field-value", note: name });
    assertEquals(about.name, `Field value: ${name}`);
  }
});

Deno.test("a piece is a declaration with its comment", () => {
  const lines = [
    "/** Before. */",
    "const before = 1;",
    "",
    "/** Adds. */",
    "function add(",
    "  a: number,",
    "): number {",
    "  return a;",
    "}",
    "",
    "test([",
    "  {",
    '    name: "one",',
    "    send: 1,",
    "  },",
    '  line("two", 2),',
    "]);",
  ];
  const of = (at: number) => pieceAt(lines, at);
  assertEquals(of(1), { from: 0, text: lines.slice(0, 2).join("\n") });
  assertEquals(of(4), { from: 3, text: lines.slice(3, 9).join("\n") });
  assertEquals(of(12).text, '{\n  name: "one",\n  send: 1,\n},');
  assertEquals(of(15).text, 'line("two", 2),');
});
