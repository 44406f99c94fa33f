/**
 * What decides each part of a message, and what proves it: a line of the code,
 * and a line of a test, each named by words that stand on no other line of the
 * file. `source_links.ts` finds the lines.
 *
 * @module
 */

/** A file, and words on the line that is meant. */
export type Place = readonly [path: string, words: string];

/** Where the code is, and a test of it. */
export interface Proof {
  code: Place;
  test: Place;
}

const head = "lib/wire/request_head.ts";
const section = "lib/wire/field_section.ts";
const framing = "lib/wire/message_framing.ts";
const chunks = "lib/wire/chunked_coding.ts";
const preconditions = "lib/handlers/preconditions.ts";
const ranges = "lib/handlers/byte_ranges.ts";
const answer = "lib/server/answer.ts";
const message = "tests/rfc9112/02_message_test.ts";
const line = "tests/rfc9112/03_request_line_test.ts";
const fieldsTest = "tests/rfc9112/05_fields_test.ts";
const body = "tests/rfc9112/06_body_test.ts";
const chunked = "tests/rfc9112/07_chunked_test.ts";
const connection = "tests/rfc9112/09_connection_test.ts";
const routing = "tests/rfc9110/07_routing_test.ts";
const response = "tests/rfc9110/06_response_test.ts";
const preconditionsTest = "tests/handlers/preconditions_test.ts";
const rangesTest = "tests/handlers/byte_ranges_test.ts";

/** By the kind of a part. */
export const kinds: Record<string, Proof> = {
  "method": {
    code: [head, "export function parseRequestLine("],
    test: [line, '"3.1: methods are case-sensitive"'],
  },
  "space": {
    code: [head, "export function parseRequestLine("],
    test: [line, '"3: two spaces after the method"'],
  },
  "target": {
    code: [head, "function parseRequestTarget("],
    test: [line, '"3.2.1: a path that looks like an authority"'],
  },
  "version": {
    code: [head, "function parseVersion("],
    test: [message, "§2.3: a higher minor version is served as 1.1"],
  },
  "status": {
    code: ["lib/wire/response_head.ts", "export function encodeStatusLine("],
    test: [
      "tests/rfc9112/04_status_line_test.ts",
      "§4: a space stands before a reason phrase that is empty",
    ],
  },
  "reason": {
    code: ["lib/wire/response_head.ts", "export function encodeStatusLine("],
    test: [response, "§4: the reason phrase is the usual one"],
  },
  "line-end": {
    code: ["lib/wire/byte_reader.ts", "export function endsLine("],
    test: [message, "§2.2: a bare LF ends no request line"],
  },
  "empty-line": {
    code: ["lib/wire/byte_reader.ts", "#awaitMessage(skipped: number)"],
    test: [message, "§2.2: empty lines before a request line are ignored"],
  },
  "field-name": {
    code: ["lib/wire/grammar.ts", "const tchar ="],
    test: [fieldsTest, '"5: every tchar in a name"'],
  },
  "colon": {
    code: [section, "function badFieldName("],
    test: [fieldsTest, '"5.1: a space before the colon"'],
  },
  "whitespace": {
    code: [section, "#endLine(octets: Uint8Array, start: number)"],
    test: [fieldsTest, "§5: whitespace around a value is no part of it"],
  },
  "field-value": {
    code: ["lib/wire/grammar.ts", "export const FIELD_OCTET"],
    test: [fieldsTest, "§5: field values reach the handler octet for octet"],
  },
  "section-end": {
    code: [section, "#finish(octets: Uint8Array, start: number)"],
    test: [message, "§2.1: fields after the empty line are no fields"],
  },
  "content": {
    code: ["lib/wire/request_content.ts", "async read(most: number)"],
    test: [body, '"6.2: octets beyond it begin the next request"'],
  },
  "chunk-size": {
    code: [chunks, "export function parseChunkLine("],
    test: [chunked, '"7.1: hex digits in both cases"'],
  },
  "chunk-extension": {
    code: [chunks, "const chunkLine ="],
    test: [chunked, "§7.1.1: a flood of extensions is refused"],
  },
  "chunk-data": {
    code: [chunks, "#startChunk(line: Uint8Array)"],
    test: [chunked, '"7.1: CRLF and 0 within the data"'],
  },
  "last-chunk": {
    code: [chunks, "export function encodeLastChunk("],
    test: [chunked, '"7.1: one chunk"'],
  },
  "trailer-name": {
    code: ["lib/server/answer_head.ts", "export function trailerLines("],
    test: [response, "§6.5.1: trailers never become fields of the request"],
  },
  "more": {
    code: ["lib/xray/message_parts.ts", "takeExcess(): boolean {"],
    test: [
      "tests/xray/dissection_test.ts",
      "very many parts are not told apart",
    ],
  },
  "beyond": {
    code: ["lib/server/connection.ts", "mayGoOn({ method, content }"],
    test: [body, "§6.3: content of a GET is skipped, never run"],
  },
  "upgraded": {
    code: ["lib/server/upgrade.ts", "export function encodeSwitch("],
    test: [routing, '"7.8: an upgrade without the option"'],
  },
  "wrong": {
    code: ["lib/errors.ts", "export class ProtocolError"],
    test: [message, "how a message is refused does not depend on how it"],
  },
};

/** By the name of a field. */
export const fields: Record<string, Proof> = {
  "accept-encoding": {
    code: ["lib/handlers/accept_encoding.ts", "function parseWeights("],
    test: [
      "tests/handlers/accept_encoding_test.ts",
      '["gzip;q=0, identity;q=0", false]',
    ],
  },
  "allow": {
    code: ["lib/router/router.ts", "function allowed("],
    test: [
      "tests/rfc9110/09_methods_test.ts",
      "§9.3.7, §10.2.1: OPTIONS and 405 tell what is allowed",
    ],
  },
  "connection": {
    code: [answer, "function connectionOption("],
    test: [connection, "§9.3: the Connection field says what will be"],
  },
  "content-encoding": {
    code: ["lib/handlers/compression.ts", "function codedHeaders("],
    test: [
      "tests/handlers/compression_test.ts",
      "fields that are no longer true go or become weak",
    ],
  },
  "content-length": {
    code: [framing, "function lengthFraming("],
    test: [body, '"6.3: two Content-Length fields"'],
  },
  "content-range": {
    code: [ranges, "export function contentRange("],
    test: [rangesTest, "§14.4: Content-Range"],
  },
  "content-security-policy": {
    code: ["lib/page/document.ts", "function securityPolicy("],
    test: ["tests/page/document_test.ts", "Deno.test("],
  },
  "cookie": {
    code: [section, "function withOneCookie("],
    test: [
      "tests/server/as_deno_serve_test.ts",
      "two Cookie lines are one, with a semicolon",
    ],
  },
  "date": {
    code: ["lib/server/clock.ts", "export function currentDate("],
    test: [response, "§6.6.1: Date is now, unless the handler says"],
  },
  "etag": {
    code: ["lib/files/validators.ts", "export function validatorsOf("],
    test: [preconditionsTest, "§8.8.3.2: a weak tag matches weakly alone"],
  },
  "expect": {
    code: ["lib/server/incoming_content.ts", "async #inviteOnce()"],
    test: [
      "tests/rfc9110/10_expect_test.ts",
      "§10.1.1: no 100 without content",
    ],
  },
  "host": {
    code: [framing, "export function checkHost("],
    test: [line, "§3.2: Host twice is refused in HTTP/1.0 too"],
  },
  "if-match": {
    code: [preconditions, "function ifMatch("],
    test: [preconditionsTest, `[{ "if-match": '"b", "a"' }`],
  },
  "if-modified-since": {
    code: [preconditions, "function ifModifiedSince("],
    test: [preconditionsTest, '[{ "if-modified-since": same }'],
  },
  "if-none-match": {
    code: [preconditions, "function ifNoneMatch("],
    test: [preconditionsTest, `[{ "if-none-match": 'W/"a"' }`],
  },
  "if-range": {
    code: [preconditions, "export function ifRange("],
    test: [preconditionsTest, "§13.1.5: If-Range"],
  },
  "last-modified": {
    code: ["lib/handlers/http_date.ts", "export function formatHttpDate("],
    test: [preconditionsTest, '[{ "if-modified-since": same }'],
  },
  "origin": {
    code: ["lib/handlers/csrf.ts", "function isCrossSite("],
    test: [
      "tests/handlers/csrf_test.ts",
      '["PUT", { origin: "http://evil.example" }, false]',
    ],
  },
  "range": {
    code: [ranges, "export function parseByteRanges("],
    test: [rangesTest, '["bytes=-10", [[990, 999]]]'],
  },
  "retry-after": {
    code: ["lib/server/client_limits.ts", "refuse({ remoteAddr"],
    test: [
      "tests/server/client_limits_test.ts",
      "clientRate: a second's number at once, then as time passes",
    ],
  },
  "te": {
    code: ["lib/server/answer_head.ts", "export function trailerLines("],
    test: [
      "tests/rfc9110/06_trailers_test.ts",
      "§6.5.1: no trailers to who did not ask",
    ],
  },
  "trailer": {
    code: [answer, "function announcedTrailers("],
    test: [
      "tests/rfc9110/06_trailers_test.ts",
      "§6.6.2: trailers that are known before are announced",
    ],
  },
  "transfer-encoding": {
    code: [framing, "function chunkedFraming("],
    test: [body, '"6.1: gzip before chunked"'],
  },
  "upgrade": {
    code: ["lib/server/upgrade.ts", "function refuseUnasked("],
    test: [routing, '"7.8: an upgrade that is not taken"'],
  },
  "user-agent": {
    code: ["lib/cli/demo.ts", "export const userAgent"],
    test: ["tests/cli/demo_test.ts", "Deno.test(`user agent: ${name}`"],
  },
  "vary": {
    code: ["lib/handlers/compression.ts", "function varying("],
    test: [
      "tests/handlers/compression_test.ts",
      "who wants no coding gets the content as it is",
    ],
  },
};

const cut = "tests/rfc9112/08_incomplete_messages_test.ts";

/** The test of a refusal, by its reason, where none of the above is of it. */
export const refusalTests: Record<string, Place> = {
  "The request ended before it was complete": [cut, '"a head cut short"'],
  "The content ended within a chunk": [cut, '"a chunk cut short"'],
  "The content is shorter than its Content-Length": [
    cut,
    '"content cut short"',
  ],
  "There are more chunk extensions than content": [
    chunked,
    "§7.1.1: a flood of extensions is refused",
  ],
  "A chunk is longer than its size says": [
    chunked,
    '["more data than its size"',
  ],
  "Transfer-Encoding and Content-Length must not be combined": [
    body,
    '"6.1: with Content-Length",',
  ],
  "There are several Content-Length fields": [
    body,
    '"6.3: two Content-Length fields"',
  ],
  "The only supported transfer coding is chunked": [
    body,
    '"6.1: gzip before chunked",',
  ],
  "A chunk size is invalid": [chunked, '["a letter that is no digit"'],
  "The request target is invalid": [line, '"3.2: a fragment"'],
};
