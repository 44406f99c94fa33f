/** A link holds for one file, one right and its time, and for nothing else. */

import { assertEquals } from "@std/assert";
import {
  type Link,
  linkOf,
  SignedLinks,
} from "../../lib/access/signed_links.ts";

const keyOf = (octet: number) => new Uint8Array(32).fill(octet);
const links = new SignedLinks(() => [keyOf(1)]);
const grant = { right: "read", names: ["a", "b.txt"] } as const;
const soon = Math.floor(Date.now() / 1000) + 60;

function signed(expires = soon, by = links): Link {
  return linkOf(`http://h/files/a/b.txt?${by.sign(grant, expires)}`)!;
}

Deno.test("a link is for one path and one right", () => {
  const link = signed();
  assertEquals(links.allows(link, grant), true);
  assertEquals(links.allows(link, { ...grant, right: "write" }), false);
  for (const names of [["a"], ["a", "b"], ["A", "b.txt"], [], ["b.txt"]]) {
    assertEquals(links.allows(link, { ...grant, names }), false);
  }
});

Deno.test("a link that is changed by a character holds for nothing", () => {
  const link = signed();
  for (const part of ["signature", "expires"] as const) {
    const text = link[part];
    for (let at = 0; at < text.length; at++) {
      for (const other of ["0", "9", "A", "_", ""]) {
        if (text[at] === other) continue;
        const changed = text.slice(0, at) + other + text.slice(at + 1);
        assertEquals(links.allows({ ...link, [part]: changed }, grant), false);
      }
    }
  }
});

Deno.test("a link ends", () => {
  const now = Math.floor(Date.now() / 1000);
  assertEquals(links.allows(signed(now), grant), false);
  assertEquals(links.allows(signed(now - 3600), grant), false);
});

Deno.test("a link of the key before still holds, and of no other", () => {
  const rotated = new SignedLinks(() => [keyOf(2), keyOf(1)]);
  assertEquals(rotated.allows(signed(), grant), true);
  assertEquals(links.allows(signed(soon, rotated), grant), false);
});
