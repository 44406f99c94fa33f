/** That each operator finds its sites, and makes the mistake that it names. */

import { assertEquals } from "@std/assert";
import { operators } from "./operators.ts";
import { findSites } from "./sites.ts";

const cases: { operator: string; source: string; mutants: string[] }[] = [
  {
    operator: "drop a statement",
    source: "f(); if (a) g(); while (b) { if (c) continue; else break; }",
    mutants: [
      "; if (a) g(); while (b) { if (c) continue; else break; }",
      "f(); ; while (b) { if (c) continue; else break; }",
      "f(); if (a) ; while (b) { if (c) continue; else break; }",
      "f(); if (a) g(); while (b) { if (c) ; else break; }",
      "f(); if (a) g(); while (b) { if (c) continue; else ; }",
    ],
  },
  {
    operator: "drop a statement",
    source: "class A extends B { constructor() { super(); } }",
    mutants: [],
  },
  {
    operator: "negate a condition",
    source: "if (a && b === c) f(d ? e : g ?? h);",
    mutants: [
      "if (!(a && b === c)) f(d ? e : g ?? h);",
      "if (!(a) && b === c) f(d ? e : g ?? h);",
      "if (a && !(b === c)) f(d ? e : g ?? h);",
      "if (a && b === c) f(!(d) ? e : g ?? h);",
    ],
  },
  {
    operator: "off by one",
    source: "a[0] < b + 9 || c >= 10 && 0.5 > d;",
    mutants: [
      "a[0] <= b + 9 || c >= 10 && 0.5 > d;",
      "a[1] < b + 9 || c >= 10 && 0.5 > d;",
      "a[0] < b + 10 || c >= 10 && 0.5 > d;",
      "a[0] < b + 9 || c > 10 && 0.5 > d;",
      "a[0] < b + 9 || c >= 10 && 0.5 >= d;",
    ],
  },
  {
    operator: "drop a throw",
    source: 'if (a) throw new TypeError("b"); f();',
    mutants: ["if (a) ; f();"],
  },
  {
    operator: "drop an await",
    source: "const a = (await b()).c;",
    mutants: ["const a = (b()).c;"],
  },
  {
    operator: "swap a constant",
    source: 'f("a", true, 0x10, "b"); throw new HttpError(400, "c");',
    mutants: [
      'f("b", true, 0x10, "b"); throw new HttpError(400, "c");',
      'f("a", false, 0x10, "b"); throw new HttpError(400, "c");',
      'f("a", true, 64, "b"); throw new HttpError(400, "c");',
      'f("a", true, 0x10, "a"); throw new HttpError(400, "c");',
      'f("a", true, 0x10, "b"); throw new HttpError(1600, "c");',
    ],
  },
  {
    operator: "swap a constant",
    source: 'f(""); // a file with one string',
    mutants: ['f("x"); // a file with one string'],
  },
  {
    operator: "swap a constant",
    source: 'import a from "b"; type C = "c"; let d: "d" | 16;',
    mutants: [],
  },
];

for (const { operator, source, mutants } of cases) {
  Deno.test(`${operator}: ${source}`, () => {
    const sites = findSites("wire", "lib/wire/a.ts", source)
      .filter((site) => site.operator === operator);
    assertEquals(sites.map(({ mutated }) => mutated), mutants);
  });
}

Deno.test("every operator is tried here", () => {
  const tried = new Set(cases.map(({ operator }) => operator));
  assertEquals([...tried], operators.map(({ name }) => name));
});

Deno.test("a site shows the lines that change, on one line", () => {
  const source = "f();\nif (\n  a\n) {\n  await g(\n    b,\n  );\n}\nh();\n";
  const shown = findSites("wire", "lib/wire/a.ts", source)
    .map(({ line, before, after }) => [line, before, after]);
  assertEquals(shown, [
    [1, "f();", ";"],
    [2, "if ( a ) { await g( b, ); }", ";"],
    [3, "a", "!(a)"],
    [5, "await g( b, );", ";"],
    [5, "await g(", "g("],
    [9, "h();", ";"],
  ]);
});
