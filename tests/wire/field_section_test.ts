import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../lib/errors.ts";
import { type Limits, resolveLimits } from "../../lib/limits.ts";
import { type FieldLine, SectionParser } from "../../lib/wire/field_section.ts";
import { latin1 } from "../support/conversation.ts";

/** Parses a section that comes cut at these places. */
function parse(
  section: string,
  cuts: number[] = [],
  limits: Partial<Limits> = {},
) {
  const parser = new SectionParser(resolveLimits(limits));
  const octets = latin1(section);
  for (const end of cuts) {
    const early = parser.parse(octets, 0, end);
    if (early) return early;
  }
  return parser.parse(octets, 0, octets.length);
}

const everywhere = (section: string) => [...section].map((_, at) => at + 1);

for (
  const [section, message] of [
    ["A: b\0", "control character"],
    ["A: b\n", "LF alone"],
    ["A: b\rC", "control character"],
    ["A: b\r\n\rC", "control character"],
    ["A\0", "control character"],
    ["A\r\n", "name, a colon and a value"],
    [": b\r\n", "name, a colon and a value"],
    ["A b: c\r\n", "whitespace is allowed before the colon"],
    ["A: b\r\n c: d\r\n", "must not begin with whitespace"],
  ]
) {
  Deno.test(`${JSON.stringify(section)} begins no section`, () => {
    for (const cuts of [[], everywhere(section)]) {
      assertThrows(() => parse(section, cuts), ProtocolError, message);
    }
    // Not before all of that is here.
    assertEquals(parse(section.slice(0, -1)), undefined);
  });
}

Deno.test("no field at all is a section", () => {
  assertEquals(parse("\r\n")?.lines, []);
});

Deno.test("fields are looked up without regard to case", () => {
  const fields = parse("A-B: c\r\na-b: d\r\nA-BC: e\r\n\r\n")!;
  assertEquals(fields.get("a-b"), "c, d");
  assertEquals(fields.get("a"), undefined);
  assertEquals([fields.has("a-b"), fields.has("b")], [true, false]);
});

Deno.test("a section that comes in pieces is the same", () => {
  const section = "Host: h\r\nA:\t b \t c\t \r\na:\r\nB: \xe4\r\n\r\n";
  const lines: FieldLine[] = [["Host", "h"], ["A", "b \t c"], ["a", ""], [
    "B",
    "\xe4",
  ]];
  for (let cut = 0; cut <= section.length; cut++) {
    assertEquals(parse(section, [cut])?.lines, lines);
  }
  assertEquals(parse(section, everywhere(section))?.lines, lines);
});

Deno.test("limits are inclusive, and the empty line does not count", () => {
  const section = "A: b\r\nC: d\r\n\r\n";
  for (const cuts of [[], everywhere(section)]) {
    const fits = { fieldSection: 12, fieldCount: 2 };
    assertEquals(parse(section, cuts, fits)?.lines.length, 2);
    for (const limits of [{ fieldSection: 11 }, { fieldCount: 1 }]) {
      const error = assertThrows(
        () => parse(section, cuts, limits),
        ProtocolError,
      );
      assertEquals(error.status, 431);
    }
  }
});

Deno.test("a limit is passed as soon as it is passed", () => {
  const cases: [string, Partial<Limits>][] = [
    ["A: b\r\nC", { fieldSection: 6 }],
    ["A: b\r\n", { fieldSection: 5 }],
    ["A: b\r\nC: d\r\n", { fieldCount: 1 }],
  ];
  for (const [octets, limits] of cases) {
    const error = assertThrows(() => parse(octets, [], limits), ProtocolError);
    assertEquals(error.status, 431);
    assertEquals(parse(octets.slice(0, -1), [], limits), undefined);
  }
});
