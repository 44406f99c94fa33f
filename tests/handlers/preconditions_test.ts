/** RFC 9110 §13: each precondition, alone and in the order of §13.2.2. */

import { assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { formatHttpDate, parseHttpDate } from "../../lib/handlers/http_date.ts";
import {
  evaluatePreconditions,
  ifRange,
} from "../../lib/handlers/preconditions.ts";

const modified = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const strong = { entityTag: '"a"', lastModified: modified };
const weak = { entityTag: 'W/"a"', lastModified: modified };
const same = formatHttpDate(modified);
const before = formatHttpDate(modified - 1000);
const after = formatHttpDate(modified + 1000);

type Outcome = 304 | 412 | undefined;
type Fields = Record<string, string>;

/** For GET, for PUT, and for PUT where there is nothing. */
const cases: [Fields, Outcome, Outcome, Outcome][] = [
  [{}, undefined, undefined, undefined],
  [{ "if-match": "*" }, undefined, undefined, 412],
  [{ "if-match": '"a"' }, undefined, undefined, 412],
  [{ "if-match": '"b"' }, 412, 412, 412],
  [{ "if-match": '"b", "a"' }, undefined, undefined, 412],
  [{ "if-match": ',"b" ,, "a",' }, undefined, undefined, 412],
  [{ "if-match": 'W/"a"' }, 412, 412, 412],
  [{ "if-match": "a" }, 412, 412, 412],
  [{ "if-match": '"a' }, 412, 412, 412],
  [{ "if-match": '"a" "b"' }, 412, 412, 412],
  [{ "if-match": "" }, 412, 412, 412],
  [{ "if-match": 'w/"a", "a"' }, 412, 412, 412],
  [{ "if-none-match": "*" }, 304, 412, undefined],
  [{ "if-none-match": '"a"' }, 304, 412, undefined],
  [{ "if-none-match": 'W/"a"' }, 304, 412, undefined],
  [{ "if-none-match": '"b"' }, undefined, undefined, undefined],
  [{ "if-none-match": '"b,", "a"' }, 304, 412, undefined],
  [{ "if-modified-since": same }, 304, undefined, undefined],
  [{ "if-modified-since": after }, 304, undefined, undefined],
  [{ "if-modified-since": before }, undefined, undefined, undefined],
  [{ "if-modified-since": "yesterday" }, undefined, undefined, undefined],
  [{ "if-unmodified-since": same }, undefined, undefined, 412],
  [{ "if-unmodified-since": after }, undefined, undefined, 412],
  [{ "if-unmodified-since": before }, 412, 412, 412],
  [{ "if-unmodified-since": "1" }, undefined, undefined, undefined],
  // §13.1.3, §13.1.4: a date counts only where there is no tag.
  [
    { "if-none-match": '"b"', "if-modified-since": after },
    undefined,
    undefined,
    undefined,
  ],
  [
    { "if-match": '"a"', "if-unmodified-since": before },
    undefined,
    undefined,
    412,
  ],
  // §13.2.2: If-Match and If-Unmodified-Since come first.
  [{ "if-match": '"b"', "if-none-match": '"a"' }, 412, 412, 412],
  [{ "if-match": '"a"', "if-none-match": '"a"' }, 304, 412, 412],
  [
    { "if-unmodified-since": before, "if-modified-since": same },
    412,
    412,
    412,
  ],
  [
    { "if-unmodified-since": same, "if-none-match": '"a"' },
    304,
    412,
    412,
  ],
];

for (const [fields, get, put, absent] of cases) {
  Deno.test(`RFC 9110 §13.2.2: ${JSON.stringify(fields)}`, () => {
    const headers = new Headers(fields);
    for (const method of ["GET", "HEAD"]) {
      assertEquals(evaluatePreconditions({ method, headers }, strong), get);
    }
    for (const method of ["PUT", "POST", "DELETE", "PATCH"]) {
      assertEquals(evaluatePreconditions({ method, headers }, strong), put);
      assertEquals(
        evaluatePreconditions({ method, headers }, undefined),
        absent,
      );
    }
  });
}

Deno.test("RFC 9110 §13.1.2: a malformed list changes nothing", () => {
  for (const field of ["a", '"a', '"a" "b"', "", ",", '*, "a"']) {
    const headers = new Headers({ "if-none-match": field });
    const error = assertThrows(
      () => evaluatePreconditions({ method: "PUT", headers }, strong),
      HttpError,
    );
    assertEquals(error.status, 400);
    const get = evaluatePreconditions({ method: "GET", headers }, strong);
    assertEquals(get, undefined);
  }
});

Deno.test("RFC 9110 §8.8.3.2: a weak tag matches weakly alone", () => {
  const evaluate = (fields: Fields) =>
    evaluatePreconditions(
      { method: "GET", headers: new Headers(fields) },
      weak,
    );
  assertEquals(evaluate({ "if-match": 'W/"a"' }), 412);
  assertEquals(evaluate({ "if-match": '"a"' }), 412);
  assertEquals(evaluate({ "if-none-match": '"a"' }), 304);
  assertEquals(evaluate({ "if-none-match": 'W/"a"' }), 304);
});

Deno.test("RFC 9110 §13.1.5: If-Range", () => {
  const fresh = { ...strong, lastModified: Date.now() };
  for (
    const [field, validators, expected] of [
      [undefined, strong, true],
      ['"a"', strong, true],
      ['"b"', strong, false],
      ['"a", "b"', strong, false],
      ['W/"a"', strong, false],
      ['W/"a"', weak, false],
      ["*", strong, false],
      [same, strong, true],
      [before, strong, false],
      [after, strong, false],
      ["nonsense", strong, false],
      // §8.8.2.2: it may have changed twice in this second.
      [formatHttpDate(fresh.lastModified), fresh, false],
    ] as const
  ) {
    const headers = new Headers(field ? { "if-range": field } : {});
    assertEquals(ifRange(headers, validators), expected, field);
  }
});

for (
  const [text, expected] of [
    ["Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
    ["Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
    ["Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37.000Z"],
    ["Sun Nov 16 08:49:37 1994", "1994-11-16T08:49:37.000Z"],
    ["Sat, 31 Dec 2016 23:59:60 GMT", "2017-01-01T00:00:00.000Z"],
    ["Thu, 29 Feb 2024 00:00:00 GMT", "2024-02-29T00:00:00.000Z"],
    ["Mon, 01 Jan 0001 00:00:00 GMT", "0001-01-01T00:00:00.000Z"],
    ["Thu, 29 Feb 2023 00:00:00 GMT", undefined],
    ["Sun, 31 Apr 1994 08:49:37 GMT", undefined],
    ["Sun, 6 Nov 1994 08:49:37 GMT", undefined],
    ["Sun, 06 Nov 1994 24:00:00 GMT", undefined],
    ["Sun, 06 Nov 1994 08:60:37 GMT", undefined],
    ["Sun, 06 Nov 1994 08:49:61 GMT", undefined],
    ["Sun, 06 Nov 1994 08:49:37 +0000", undefined],
    ["sun, 06 nov 1994 08:49:37 gmt", undefined],
    ["06 Nov 1994", undefined],
    ["784111777", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`RFC 9110 §5.6.7: ${text || "(nothing)"}`, () => {
    const time = parseHttpDate(text);
    const date = time === undefined ? undefined : new Date(time).toISOString();
    assertEquals(date, expected);
  });
}
