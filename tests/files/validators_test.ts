/** What a file's tag is made of. */

import { assertEquals } from "@std/assert";
import { validatorsOf } from "../../lib/files/validators.ts";

function tagOf(ino: number, size: number, time: number): string {
  const info = { ino, size, mtime: new Date(time) } as Deno.FileInfo;
  return validatorsOf(info).entityTag;
}

Deno.test("files that differ in anything have tags that differ", () => {
  const tags = [
    tagOf(1, 11, 5),
    tagOf(11, 1, 5),
    tagOf(1, 1, 15),
    tagOf(1, 11, 6),
    tagOf(2, 11, 5),
  ];
  assertEquals(new Set(tags).size, tags.length);
  assertEquals(tagOf(1, 11, 5), tags[0]);
});
