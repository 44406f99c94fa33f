/** Which paths name a file, and which are refused, on each system. */

import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { type Dotfiles, fileNames } from "../../lib/files/file_path.ts";

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
    assertEquals(fileNames(path, "read", { os: "linux" }), names);
    assertEquals(fileNames(path, "write", { os: "linux" }), names);
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
  const [path, ignored, denied, allowed] of [
    [".env", 404, 403, 200],
    ["a/.git/config", 404, 403, 200],
    ["..a", 404, 403, 200],
    [".well-known/a", 200, 200, 200],
    [".well-known/.a", 404, 403, 200],
    ["..%2fa", 404, 404, 404],
    ["%2e%2e", 404, 404, 404],
    [".sluice-uploads/a", 404, 403, 404],
    ["a/.sluice-0.part", 404, 403, 404],
    [".Sluice-Uploads/a", 404, 403, 404],
    [".%C5%BFluice-uploads/a", 404, 403, 404],
  ] as const
) {
  Deno.test(`${path} is ignored, denied or allowed`, () => {
    const statusOf = (dotfiles: Dotfiles) => {
      try {
        fileNames(path, "read", { dotfiles });
        return 200;
      } catch (error) {
        assertInstanceOf(error, HttpError);
        return error.status;
      }
    };
    assertEquals(
      [statusOf("ignore"), statusOf("deny"), statusOf("allow")],
      [ignored, denied, allowed],
    );
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
    assertEquals(fileNames(path, "write", { os: "linux" }), [name]);
    const error = assertThrows(
      () => fileNames(path, "write", { os: "windows" }),
      HttpError,
    );
    assertEquals(error.status, 400);
  });
}

for (const name of ["a.txt", "console", "com", "com10", "nul_", "a b", "a~b"]) {
  Deno.test(`${name} names a file on Windows`, () => {
    const path = encodeURIComponent(name);
    assertEquals(fileNames(path, "write", { os: "windows" }), [name]);
  });
}
