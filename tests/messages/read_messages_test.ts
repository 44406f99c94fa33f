import { assertEquals, assertThrows } from "@std/assert";
import { readMessages } from "./read_messages.ts";

Deno.test("a message is read, octet for octet", () => {
  const text = String.raw`# A comment,
# of two lines.

RFC 9112 §5.1: why it is so
> GET / HTTP/1.1\r\n
> A:\t\\x\x00\xff\r
> \n
< 200 OK\r

RFC 9110 §8.6: nothing at all
> \r\n

RFC 9112 §9.6: the last one
> a
> b
< c
< 400
< close
`;
  assertEquals(readMessages(text), [
    {
      reason: "RFC 9112 §5.1: why it is so",
      octets: "GET / HTTP/1.1\r\nA:\t\\x\0\xff\r\n",
      answers: ["200 OK\r"],
      closes: false,
    },
    {
      reason: "RFC 9110 §8.6: nothing at all",
      octets: "\r\n",
      answers: [],
      closes: false,
    },
    {
      reason: "RFC 9112 §9.6: the last one",
      octets: "ab",
      answers: ["c", "400"],
      closes: true,
    },
  ]);
});

Deno.test("what is no message is not read", () => {
  const reason = "RFC 9112 §1: a reason";
  const cases = [
    "no section\n> a\n< 400",
    `${reason}\n< 400`,
    `${reason}\n> a\n< 400\n> b`,
    `${reason}\n> a\nand so on\n< 400`,
    `${reason}\n> \\q\n< 400`,
    `${reason}\n> \\x0G\n< 400`,
    `${reason}\n> \\\n< 400`,
    `${reason}\n> a\tb\n< 400`,
    `${reason}\n> \u00e9\n< 400`,
  ];
  for (const text of cases) {
    assertThrows(() => readMessages(text), Error, "Cannot read", text);
  }
});
