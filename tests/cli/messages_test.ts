import { assert, assertEquals } from "@std/assert";
import { quoted } from "../../lib/cli/messages.ts";

Deno.test("quoted() leaves no character that drives a terminal, and loses none", () => {
  for (let point = 0; point < 0x11_000; point++) {
    const text = `a${String.fromCodePoint(point)}b`;
    const line = quoted(text);
    assert(!/[\p{C}\p{Zl}\p{Zp}]/u.test(line), line);
    assertEquals(JSON.parse(line), text);
  }
});

Deno.test("quoted() shows each escape as four hexadecimal digits or one letter", () => {
  assertEquals(quoted('"\\'), String.raw`"\"\\"`);
  assertEquals(quoted("\r\n"), String.raw`"\r\n"`);
  assertEquals(quoted("\x1b[2J"), String.raw`"\u001b[2J"`);
  assertEquals(quoted("\x7f\x9b"), String.raw`"\u007f\u009b"`);
  assertEquals(quoted("\u202e"), String.raw`"\u202e"`);
  assertEquals(quoted("\u{e0001}"), String.raw`"\udb40\udc01"`);
  assert(quoted("naïve 日本 🎉") === '"naïve 日本 🎉"');
});
