/** RFC 9530: digests as fields, and of octets. */

import { assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import {
  DigestHasher,
  encodeDigests,
  parseDigests,
  verifyDigests,
  wantedDigest,
} from "../../lib/files/digest_fields.ts";

// RFC 9530 appendix B: {"hello": "world"} and a newline
const sha256 = "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=";
const sha512 = "YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCs" +
  "yRZOtw8MjkM7iw7yZ/WkppmM44T3qg==";
const octets = new TextEncoder().encode('{"hello": "world"}\n');

Deno.test("RFC 9530 appendix B: the digests of octets, in pieces", async () => {
  const hasher = await DigestHasher.create(["sha-256", "sha-512"]);
  for (const octet of octets) hasher.update(Uint8Array.of(octet));
  const digests = hasher.digests();
  assertEquals([...digests], [["sha-256", sha256], ["sha-512", sha512]]);
  assertEquals(hasher.digests(), digests);
  assertEquals(
    encodeDigests(digests),
    `sha-256=:${sha256}:, sha-512=:${sha512}:`,
  );
});

for (
  const [field, expected] of [
    [null, []],
    ["", []],
    [`sha-256=:${sha256}:`, [["sha-256", sha256]]],
    [`sha-256=:${sha256.slice(0, -1)}:`, [["sha-256", sha256]]],
    [
      `sha-512=:${sha512}: ,\tsha-256=:${sha256}:`,
      [["sha-512", sha512], ["sha-256", sha256]],
    ],
    [`md5=:AAAA:, sha-256=:${sha256}:;a=1; b`, [["sha-256", sha256]]],
    [`sha-256=:AAAA:, sha-256=:${sha256}:`, [["sha-256", sha256]]],
    ["md5=:AAAA:", []],
  ] as [string | null, string[][]][]
) {
  Deno.test(`RFC 9530 §2: ${field}`, () => {
    assertEquals([...parseDigests(field)], expected);
  });
}

for (
  const field of [
    sha256,
    `sha-256=${sha256}`,
    `sha-256=:${sha256}`,
    "sha-256=:AAAA:",
    "sha-256=::",
    "sha-256=1",
    "sha-256",
    `sha-256=:${sha256}:,`,
    `,sha-256=:${sha256}:`,
    `SHA-256=:${sha256}:`,
    `sha-256=:${sha256}: sha-512=:${sha512}:`,
    "sha-256=:!!!!:",
  ]
) {
  Deno.test(`RFC 9530 §2: ${field} is refused`, () => {
    const error = assertThrows(() => parseDigests(field), HttpError);
    assertEquals(error.status, 400);
  });
}

for (
  const [field, expected] of [
    [null, undefined],
    ["sha-256=1", "sha-256"],
    ["sha-256=3, sha-512=10", "sha-512"],
    ["sha-512=5, sha-256=5", "sha-256"],
    ["sha-256=0, sha-512=1", "sha-512"],
    ["sha-256=0", undefined],
    ["sha-256=11", undefined],
    ["sha-256=-1", undefined],
    ["md5=10", undefined],
    ["sha-256", undefined],
    ["nonsense!", undefined],
  ] as const
) {
  Deno.test(`RFC 9530 §4: Want-Repr-Digest: ${field}`, () => {
    assertEquals(wantedDigest(field), expected);
  });
}

Deno.test("RFC 9530 §2: what differs is refused", () => {
  const actual = new Map([["sha-256", sha256]] as const);
  verifyDigests(new Map(), actual, "Repr-Digest");
  verifyDigests(actual, actual, "Repr-Digest");
  const other = new Map([["sha-256", "x"]] as const);
  const error = assertThrows(
    () => verifyDigests(other, actual, "Repr-Digest"),
    HttpError,
    "Repr-Digest",
  );
  assertEquals(error.status, 400);
});
