/** Which paths name a file, and which are refused, on each system. */

import { assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { fileNames } from "../../lib/files/file_path.ts";

for (
  const [path, names] of [
    ["a.txt", ["a.txt"]],
    ["a/b/c", ["a", "b", "c"]],
    ["a%20b/%E2%82%AC", ["a b", "€"]],
    ["a%2Eb", ["a.b"]],
    ["%25", ["%"]],
    ["%252e%252e", ["%2e%2e"]],
    ["a..", ["a.."]],
    ["~", ["~"]],
    ["a:b", ["a:b"]],
    ["nul", ["nul"]],
    [".well-known/acme", [".well-known", "acme"]],
  ] as [string, string[]][]
) {
  Deno.test(`${path} names a file`, () => {
    assertEquals(fileNames(path, "read", "linux"), names);
    assertEquals(fileNames(path, "write", "linux"), names);
  });
}

type Case = [path: string, write: number, read?: number];

const refused: Case[] = [
  ["%", 400, 400],
  ["%4", 400, 400],
  ["a/%zz", 400, 400],
  ["%FF", 400, 400],
  ["%C0%AE%C0%AE/a", 400, 400],
  ["", 400],
  ["a/", 400],
  ["/a", 400],
  ["a//b", 400],
  [".", 400],
  ["..", 400],
  ["../a", 400],
  ["a/../../b", 400],
  ["%2e%2e", 400],
  ["%2E%2e/a", 400],
  [".%2e/a", 400],
  ["a%2fb", 400],
  ["..%2Fa", 400],
  ["%2e%2e%2fa", 400],
  ["%2Fetc%2Fpasswd", 400],
  ["..%5Ca", 400],
  ["a%5cb", 400],
  ["a\\b", 400],
  ["a%00", 400],
  ["a%00.txt", 400],
  ["%00", 400],
  [".hidden", 403],
  ["%2ehidden", 403],
  ["..a", 403],
  ["...", 403],
  [".sluice-0.part", 403],
  ["a/.git/config", 403],
  ["a/.well-known", 403],
  [".well-known/.a", 403],
  [".well-known2", 403],
];

for (const [path, write, read = 404] of refused) {
  Deno.test(`${path || "(nothing)"} is refused`, () => {
    for (
      const [purpose, status] of [["read", read], ["write", write]] as const
    ) {
      const error = assertThrows(
        () => fileNames(path, purpose),
        HttpError,
      );
      assertEquals(error.status, status, `to ${purpose}`);
    }
  });
}

for (
  const name of [
    "C:",
    "a:stream",
    "a.txt::$DATA",
    "a?",
    "a*",
    "a|b",
    'a"b',
    "<a",
    "a>",
    "a.",
    "a ",
    "HTACCE~1",
    "CON",
    "nul",
    "Nul.txt",
    "nul .txt",
    "aux.tar.gz",
    "COM1",
    "lpt9.doc",
    "com¹",
    "CONIN$",
  ]
) {
  Deno.test(`${name} is refused on Windows alone`, () => {
    const path = encodeURIComponent(name);
    assertEquals(fileNames(path, "write", "linux"), [name]);
    const error = assertThrows(
      () => fileNames(path, "write", "windows"),
      HttpError,
    );
    assertEquals(error.status, 400);
  });
}

for (const name of ["a.txt", "console", "com", "com10", "nul_", "a b", "a~b"]) {
  Deno.test(`${name} names a file on Windows`, () => {
    const path = encodeURIComponent(name);
    assertEquals(fileNames(path, "write", "windows"), [name]);
  });
}
