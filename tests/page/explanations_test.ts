/** What X-ray says of the parts of a message, and where its links lead. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { dissect } from "../../lib/xray/dissection.ts";
import { explain, linkOf } from "../../lib/page/browser/explanations.js";
import { methods, statuses } from "../../lib/page/browser/meanings.js";
import { encodeLatin1 } from "../../lib/wire/grammar.ts";

/** Between them they have a part of each kind. */
const messages: [octets: string, side: "request" | "response"][] = [
  [
    "\r\nPOST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: h\r\n\r\n" +
    "1;a\r\nx\r\n0\r\nT: u\r\n\r\nbeyond",
    "request",
  ],
  ["POST / HTTP/1.1\r\nHost : h\r\nContent-Length: 1\r\n\r\na", "request"],
  ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", "response"],
  ["HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\na", "response"],
  [
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
    "1\r\na\r\n".repeat(1000),
    "request",
  ],
];

Deno.test("every part that there can be is explained", () => {
  const kinds = new Set<string>();
  for (const [octets, side] of messages) {
    for (const part of dissect(encodeLatin1(octets), side)) {
      kinds.add(part.kind);
      const written = octets.slice(part.from, part.to);
      const { name, text, section } = explain(part, written);
      // What has no explanation of its own is taken for content.
      assertEquals(name === "Content", part.kind === "content", part.kind);
      assertMatch(text, /^[A-Z].*\.$/);
      assertMatch(linkOf(section), /\/rfc\d+#section-\d/);
    }
  }
  assert(kinds.size > 18, [...kinds].join());
});

Deno.test("methods, statuses and forms of a target are told apart", () => {
  const said = (kind: string, written: string) =>
    explain({ kind }, written).text;
  for (const method of Object.keys(methods)) {
    assertMatch(said("method", method), /\. [A-Z].*\.$/);
  }
  for (const status of Object.keys(statuses)) {
    assertMatch(said("status", status), /\. [A-Z].*\.$/);
  }
  assert(said("status", "299").endsWith(" The request succeeded."));
  const forms = ["/a", "http://h/", "h:80", "*"].map((target) =>
    /In (\w+)-form/.exec(said("target", target))?.[1]
  );
  assertEquals(forms, ["origin", "absolute", "authority", "asterisk"]);
  for (const strange of ["", "constructor", "__proto__"]) {
    assertEquals(
      explain({ kind: "method" }, strange),
      explain({ kind: "method" }),
    );
  }
});
