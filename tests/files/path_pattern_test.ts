/** Patterns of paths: what they match, and what is no pattern. */

import { assertEquals, assertThrows } from "@std/assert";
import { PathPattern } from "../../lib/files/path_pattern.ts";

const table: [pattern: string, matching: string[], others: string[]][] = [
  ["*.key", ["a.key", "b/c.KEY", "a.key/below"], ["a.keys", "key", "a.key.b"]],
  ["private", ["private", "a/Private", "private/b/c"], ["private2", "rivate"]],
  ["private/", ["private", "a/private/b"], ["privat"]],
  ["/private", ["private", "private/a"], ["a/private"]],
  ["a/b", ["a/b", "a/b/c"], ["c/a/b", "a", "b", "a/c"]],
  ["a/*/c", ["a/b/c", "a/b/c/d"], ["a/c", "a/b/b/c", "a/b"]],
  ["a/**/c", ["a/c", "a/b/c", "a/b/b/c/d"], ["c", "b/c", "a/b"]],
  ["a/**", ["a/b", "a/b/c"], ["a", "b/a/c"]],
  ["**/tmp", ["tmp", "a/b/tmp", "tmp/a"], ["tmps"]],
  ["?.txt", ["a.txt", "b/é.txt", "\n.txt"], ["ab.txt", ".txt"]],
  ["[a-c]*", ["apple", "d/cat"], ["dog", ""]],
  ["[!a-c]", ["d", "a/e"], ["a", "B"]],
  ["*.{jpg,png}", ["a.jpg", "b/c.PNG"], ["a.gif", "jpg"]],
  ["\\*", ["*", "a/*"], ["a"]],
  ["a.b+c(d)$", ["a.b+c(d)$"], ["aXb+c(d)$", "a.bbc(d)"]],
  // One name for some file system.
  ["caf\u00e9", ["cafe\u0301", "CAFE\u0301", "caf\u00e9"], ["cafe"]],
  ["secret", ["\u017fecret", "SECRET", "sec\u200bret"], ["secre"]],
  ["a.key", ["x".repeat(256)], ["x".repeat(255)]],
];

for (const [pattern, matching, others] of table) {
  Deno.test(`pattern ${JSON.stringify(pattern)}`, () => {
    const made = new PathPattern(pattern);
    const matches = (path: string) => made.matches(path.split("/"));
    for (const path of matching) assertEquals(matches(path), true, path);
    for (const path of others) assertEquals(matches(path), false, path);
    assertEquals(made.matches([]), false);
  });
}

const wrong: [pattern: string, message: string][] = [
  ["", "a name such as"],
  ["/", "a name such as"],
  ["a//b", "a name such as"],
  ["!a", "without !"],
  ["*a*b*", "at most 2 times * in a name"],
  ["{a,b}{c,d}{e,f}", "at most 2 times { in a name"],
  ["a/**/b/**/c/**/d", "at most 2 times ** in a path"],
  ["[z-a]", "ranges in their order"],
];

for (const [pattern, message] of wrong) {
  Deno.test(`no pattern: ${JSON.stringify(pattern)}`, () => {
    assertThrows(() => new PathPattern(pattern), RangeError, message);
  });
}

Deno.test("a pattern takes no longer for a hostile name", () => {
  const pattern = new PathPattern("a/**/b*c*/**/d");
  const name = `b${"c".repeat(254)}`;
  const start = performance.now();
  for (let round = 0; round < 10; round++) {
    pattern.matches(["a", ...Array(62).fill(name), "e"]);
  }
  // About 10 ms; if it grew as the cube of the length, minutes.
  assertEquals(performance.now() - start < 5000, true);
});
