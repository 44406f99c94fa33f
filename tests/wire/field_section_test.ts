/** The parser of sections on its own: it leans on no reader's judgement. */
import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../lib/errors.ts";
import { parseFieldSection } from "../../lib/wire/field_section.ts";
import { latin1 } from "../conversation.ts";

for (
  const [section, message] of [
    ["A: b\0c\r\n\r\n", "control character"],
    ["A: b\nC: d\r\n\r\n", "control character"],
    ["A: b\rC: d\r\n\r\n", "control character"],
    ["A: b\r\n\rC: d\r\n\r\n", "CR must be followed by LF"],
    ["A: b", "control character"],
    ["A: b\r\n", "name, a colon and a value"],
  ]
) {
  Deno.test(`${JSON.stringify(section)} is no section`, () => {
    assertThrows(
      () => parseFieldSection(latin1(section), 9),
      ProtocolError,
      message,
    );
  });
}

Deno.test("no field at all is a section", () => {
  assertEquals(parseFieldSection(latin1("\r\n"), 9).lines, []);
});
