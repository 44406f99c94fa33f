/** What a client is told of what the disk said. */

import {
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import { ConnectionLost, HttpError } from "../../lib/errors.ts";
import { diskError } from "../../lib/files/disk_error.ts";

const coded = (code: string) => Object.assign(new Error("Secret"), { code });

for (
  const [code, read, write] of [
    ["ENOENT", 404, 409],
    ["ENOTDIR", 404, 409],
    ["ELOOP", 404, 409],
    ["ENAMETOOLONG", 404, 400],
    ["EISDIR", 404, 409],
    ["ENOTEMPTY", undefined, 409],
    ["EEXIST", undefined, 409],
    ["EACCES", 403, 403],
    ["EPERM", 403, 403],
    ["EROFS", undefined, 403],
    ["ENOSPC", undefined, 507],
    ["EDQUOT", undefined, 507],
    ["EFBIG", undefined, 507],
    ["EMFILE", 503, 503],
    ["EIO", undefined, undefined],
    ["constructor", undefined, undefined],
  ] as const
) {
  Deno.test(`${code} is ${read} to a reader, ${write} to a writer`, () => {
    for (
      const [purpose, status] of [["read", read], ["write", write]] as const
    ) {
      const error = coded(code);
      const told = diskError(error, purpose);
      if (status === undefined) {
        assertStrictEquals(told, error);
      } else {
        assertInstanceOf(told, HttpError);
        assertEquals(told.status, status);
        assertEquals(told.message.includes("Secret"), false);
        assertMatch(told.message, /^[A-Z]\S+ \S+ .*[^.]$/);
        assertStrictEquals(told.cause, error);
      }
    }
  });
}

Deno.test("a permission that Deno lacks is 404 and 403", () => {
  const error = new Deno.errors.NotCapable("Requires read access");
  const answers = (["read", "write"] as const).map((purpose) => {
    const told = diskError(error, purpose);
    assertInstanceOf(told, HttpError);
    return told.status;
  });
  assertEquals(answers, [404, 403]);
});

Deno.test("what is none of the disk's is passed as it is", () => {
  for (
    const error of [
      new HttpError(418, "Short and stout"),
      new ConnectionLost("The client went away"),
      new TypeError("A fault"),
      "a string",
      undefined,
    ]
  ) {
    assertStrictEquals(diskError(error, "write"), error);
  }
});
