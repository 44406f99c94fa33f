/**
 * Every field that is read, and a request in which it is: what the answer is to
 * a harmless value, and to another one, which proves that it is read at all.
 *
 * @module
 */
import { memberCookie, type Outcome } from "./application.ts";
import { latin1 } from "../support/conversation.ts";

/** One reader of one field. */
export interface ReadField {
  /** The field's name, in lower case; that of no field in parentheses. */
  name: string;
  /** What it is read for, where several read it. */
  by?: string;
  /** A value as it should be; hostile ones begin like it. */
  harmless: string;
  /** What comes of it, as `told` has it. */
  answer: string;
  /** Another value; null leaves the field out. */
  other: string | null;
  /** What comes of that. */
  otherAnswer: string;
  /** The request's octets with the value in it, in pieces. */
  request: (value: string | null) => string[];
  /** What of the outcome depends on the value. Default: the statuses. */
  told?: (outcome: Outcome) => string;
  /** The most octets of a value, where another limit than the section's holds. */
  most?: number;
  /** The same, where it cannot be lifted. */
  fixed?: number;
}

/** The request of a field, as octets. */
export function octetsOf(
  { request }: ReadField,
  value: string | null,
): Uint8Array[] {
  return request(value).map((piece) => latin1(piece));
}

/** A reader by its name. */
export function labelOf({ name, by }: ReadField): string {
  return by ? `${name} by ${by}` : name;
}

/** What a field's reader made of a value. */
export function toldOf(
  { told = statuses }: ReadField,
  outcome: Outcome,
): string {
  return told(outcome);
}

/** A request whose field `name` has the value. */
function asks(
  start: string,
  name: string,
  others: string[] = [],
  content?: string,
): ReadField["request"] {
  return (value) => {
    const lines = [...others];
    if (value !== null) lines.push(`${name}: ${value}`);
    if (!lines.some((line) => /^host:/i.test(line))) lines.unshift("Host: h");
    const isFramed = lines.some((line) =>
      /^(?:content-length|transfer-encoding):/i.test(line)
    );
    if (content !== undefined && !isFramed) {
      lines.push(`Content-Length: ${content.length}`);
    }
    const head = `${start} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
    return content === undefined ? [head] : [head, content];
  };
}

const tus = "Tus-Resumable: 1.0.0";

/** A request that begins an upload by tus. */
const begins = (name: string, others: string[], path = "/files/put.txt") =>
  asks(`POST ${path}`, name, [tus, ...others], "");

/** A request with the value in its target, where it is percent-encoded. */
function aims(start: string, end = ""): ReadField["request"] {
  return (value) => asks(start + asTarget(value) + end, "")(null);
}

const get = (target: string, name: string, others?: string[]) =>
  asks(`GET ${target}`, name, others);
const page = "/files/page.txt";

function statuses({ answers }: Outcome): string {
  return [...answers.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)]
    .map(([, status]) => status).join(" ");
}

/** The value of a field of the last answer. */
const answerField = (name: string) => ({ answers }: Outcome): string =>
  new RegExp(`^${name}: ([^\r\n]*)`, "im").exec(answers)?.[1] ?? "none";

const content = ({ answers }: Outcome) => answers.split("\r\n\r\n")[1] ?? "";

/** Whom the client is taken for. */
const client = ({ exchange: { remoteAddr } }: Outcome) =>
  "hostname" in remoteAddr ? remoteAddr.hostname : "nobody";

const sha256 = "sha-256=:ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=:";
const noDigest = "sha-256=:AAAA:";
const future = "Fri, 01 Jan 2100 00:00:00 GMT";
const past = "Sat, 01 Jan 2000 00:00:00 GMT";

/** What decides about the connection and the content. */
const wireFields: ReadField[] = [
  {
    name: "connection",
    harmless: "keep-alive",
    answer: "none",
    other: "close",
    otherAnswer: "close",
    request: get("/echo/a", "Connection"),
    told: answerField("connection"),
  },
  {
    name: "te",
    harmless: "trailers",
    answer: "1",
    other: "gzip",
    otherAnswer: "none",
    request: get("/trailers", "TE"),
    told: answerField("x-end"),
  },
  {
    name: "expect",
    harmless: "100-continue",
    answer: "100 201",
    other: "200-ok",
    otherAnswer: "417",
    request: asks("POST /files/expected.txt", "Expect", [], "a"),
  },
  {
    name: "transfer-encoding",
    harmless: "chunked",
    answer: "201",
    other: "gzip, chunked",
    otherAnswer: "501",
    request: asks(
      "POST /files/put.txt",
      "Transfer-Encoding",
      [],
      "1\r\na\r\n0\r\n\r\n",
    ),
  },
  {
    name: "content-length",
    harmless: "1",
    answer: "201",
    other: "1a",
    otherAnswer: "400",
    request: asks("POST /files/put.txt", "Content-Length", [], "a"),
  },
  {
    name: "host",
    harmless: "h",
    answer: "200",
    other: "h/",
    otherAnswer: "400",
    request: asks("GET /echo/a", "Host"),
  },
  {
    name: "forwarded",
    harmless: "for=192.0.2.1",
    answer: "192.0.2.1",
    other: "for=192.0.2.2",
    otherAnswer: "192.0.2.2",
    request: get("/echo/a", "Forwarded"),
    told: client,
  },
  {
    name: "x-forwarded-for",
    harmless: "192.0.2.1",
    answer: "192.0.2.1",
    other: "192.0.2.2",
    otherAnswer: "192.0.2.2",
    request: get("/echo/a", "X-Forwarded-For"),
    told: client,
  },
  {
    name: "x-forwarded-proto",
    harmless: "https",
    answer: "[https://h]",
    other: "http",
    otherAnswer: "[http://h]",
    request: get("/origin", "X-Forwarded-Proto"),
    told: content,
  },
  {
    name: "x-forwarded-host",
    harmless: "a",
    answer: "[http://a]",
    other: "b",
    otherAnswer: "[http://b]",
    request: get("/origin", "X-Forwarded-Host"),
    told: content,
  },
  {
    name: "x-request-id",
    harmless: "a",
    answer: "a",
    other: "b",
    otherAnswer: "b",
    request: get("/ids", "X-Request-Id"),
    told: answerField("x-request-id"),
  },
  {
    name: "traceparent",
    harmless: `00-${"1".repeat(32)}-${"1".repeat(16)}-01`,
    answer: "1".repeat(32),
    other: `00-${"2".repeat(32)}-${"1".repeat(16)}-01`,
    otherAnswer: "2".repeat(32),
    request: get("/ids", "Traceparent"),
    told: answerField("x-request-id"),
  },
  {
    name: "upgrade",
    harmless: "websocket",
    answer: "101",
    other: "h2c",
    otherAnswer: "426",
    request: get("/upgrade", "Upgrade", ["Connection: upgrade"]),
  },
  {
    name: "connection",
    by: "an upgrade",
    harmless: "upgrade",
    answer: "101",
    other: "close",
    otherAnswer: "426",
    request: get("/upgrade", "Connection", ["Upgrade: websocket"]),
  },
  {
    name: "x-any",
    by: "a handler that copies all of them",
    harmless: "a",
    answer: "[a]",
    other: "b",
    otherAnswer: "[b]",
    request: get("/headers", "X-Any"),
    told: content,
  },
  {
    name: "x-any",
    by: "a handler that wants trailers",
    harmless: "a",
    answer: "[a]",
    other: "b",
    otherAnswer: "[b]",
    request: (value) => [
      "POST /request-trailers HTTP/1.1\r\nHost: h\r\n" +
      "Transfer-Encoding: chunked\r\n\r\n",
      `0\r\nX-Any: ${value}\r\n\r\n`,
    ],
    told: content,
  },
];

/** What an answer is chosen by. */
const negotiatedFields: ReadField[] = [
  ...([
    ["a list", "/files/", "application/json; charset=utf-8"],
    ["an error", "/nothing", "application/problem+json"],
  ] as const).map(([by, target, otherAnswer]): ReadField => ({
    name: "accept",
    by,
    harmless: "text/html",
    answer: "text/html; charset=utf-8",
    other: "application/json",
    otherAnswer,
    request: get(target, "Accept"),
    told: answerField("content-type"),
  })),
  {
    name: "accept",
    by: "a site",
    harmless: "text/html",
    answer: "200",
    other: "text/plain",
    otherAnswer: "404",
    request: get("/site/nothing", "Accept"),
  },
  {
    name: "accept",
    by: "a refusal of the head",
    harmless: "text/html",
    answer: "text/html; charset=utf-8",
    other: "application/json",
    otherAnswer: "application/problem+json",
    request: get("/echo/a", "Accept", ["Content-Length: x"]),
    told: answerField("content-type"),
  },
  {
    name: "accept",
    by: "a form",
    harmless: "text/html",
    answer: "303",
    other: "text/plain",
    otherAnswer: "201",
    request: asks(
      "POST /files/",
      "Accept",
      ["Content-Type: multipart/form-data; boundary=x"],
      part('form-data; name="a"; filename="form.txt"'),
    ),
  },
  ...["/echo/a", page].map((target): ReadField => ({
    name: "accept-encoding",
    by: target,
    harmless: "gzip",
    answer: "gzip",
    other: "identity",
    otherAnswer: "none",
    request: get(target, "Accept-Encoding"),
    told: answerField("content-encoding"),
  })),
  {
    name: "range",
    harmless: "bytes=0-1",
    answer: "206",
    other: "lines=0-1",
    otherAnswer: "200",
    request: get(page, "Range"),
  },
  {
    name: "want-repr-digest",
    harmless: "sha-256=1",
    answer: "200 true",
    other: "md5=1",
    otherAnswer: "200 false",
    request: get(page, "Want-Repr-Digest"),
    told: withDigest,
  },
  {
    name: "want-repr-digest",
    by: "an upload",
    harmless: "sha-256=1",
    answer: "201 true",
    other: "md5=1",
    otherAnswer: "201 false",
    request: asks("POST /files/put.txt", "Want-Repr-Digest", [], "a"),
    told: withDigest,
  },
  {
    name: "user-agent",
    harmless: "a/1",
    answer: "a/1 a/1",
    other: "b/1",
    otherAnswer: "b/1 b/1",
    request: get("/user-agent", "User-Agent"),
    told: (outcome) => `${content(outcome)} ${outcome.exchange.userAgent}`,
  },
  {
    name: "authorization",
    harmless: "Basic !",
    answer: "401",
    other: null,
    otherAnswer: "200",
    request: get("/guarded", "Authorization"),
  },
  {
    name: "cookie",
    harmless: "sluice-login=a.",
    answer: "401",
    other: memberCookie,
    otherAnswer: "200",
    request: get("/members", "Cookie"),
  },
  {
    name: "referer",
    by: "the log",
    harmless: "http://h/",
    answer: "http://h/",
    other: "http://h/b",
    otherAnswer: "http://h/b",
    request: get("/echo/a", "Referer"),
    told: ({ exchange }) => `${exchange.referer}`,
  },
];

function withDigest(outcome: Outcome): string {
  const has = answerField("repr-digest")(outcome) !== "none";
  return `${statuses(outcome)} ${has}`;
}

/** What a request is to be refused by. */
const conditionalFields: ReadField[] = [
  ...[
    { name: "if-match", harmless: '"a"', answer: "412", other: "*" },
    { name: "if-none-match", harmless: "*", answer: "304", other: '"a"' },
    {
      name: "if-modified-since",
      harmless: future,
      answer: "304",
      other: past,
    },
    {
      name: "if-unmodified-since",
      harmless: past,
      answer: "412",
      other: future,
    },
  ].map((field): ReadField => ({
    ...field,
    otherAnswer: "200",
    request: get(page, field.name),
  })),
  {
    name: "if-range",
    harmless: '"a"',
    answer: "200",
    other: null,
    otherAnswer: "206",
    request: get(page, "If-Range", ["Range: bytes=0-1"]),
  },
  {
    name: "if-none-match",
    by: "a part of a page",
    harmless: "*",
    answer: "304",
    other: '"a"',
    otherAnswer: "200",
    request: get("/page/style.css", "If-None-Match"),
  },
  {
    name: "if-match",
    by: "an upload",
    harmless: '"a"',
    answer: "412",
    other: "*",
    otherAnswer: "204",
    request: asks(`PUT ${page}`, "If-Match", [], "text ".repeat(200)),
  },
  {
    name: "if-none-match",
    by: "an upload",
    harmless: "*",
    answer: "412",
    other: '"a"',
    otherAnswer: "204",
    request: asks(`PUT ${page}`, "If-None-Match", [], "text ".repeat(200)),
  },
  {
    name: "if-unmodified-since",
    by: "an upload",
    harmless: past,
    answer: "412",
    other: future,
    otherAnswer: "204",
    request: asks(
      `PUT ${page}`,
      "If-Unmodified-Since",
      [],
      "text ".repeat(200),
    ),
  },
  {
    name: "if-match",
    by: "a removal",
    harmless: '"a"',
    answer: "412",
    other: "*",
    otherAnswer: "204",
    request: asks("DELETE /files/removed.txt", "If-Match"),
  },
  {
    name: "access-control-request-method",
    harmless: "GET",
    answer: "600",
    other: null,
    otherAnswer: "none",
    request: asks("OPTIONS /files/page.txt", "Access-Control-Request-Method", [
      "Origin: http://other.example",
    ]),
    told: answerField("access-control-max-age"),
  },
  {
    name: "destination",
    harmless: "/files/moved.txt",
    answer: "404",
    other: "moved.txt",
    otherAnswer: "400",
    request: asks("MOVE /files/none.txt", "Destination"),
  },
  {
    name: "overwrite",
    harmless: "T",
    answer: "404",
    other: "yes",
    otherAnswer: "400",
    request: asks("MOVE /files/none.txt", "Overwrite", [
      "Destination: /files/moved.txt",
    ]),
  },
  {
    name: "origin",
    harmless: "http://h",
    answer: "201",
    other: "http://other",
    otherAnswer: "403",
    request: asks("POST /files/put.txt", "Origin", [], "a"),
  },
  {
    name: "sec-fetch-dest",
    harmless: "document",
    answer: "200",
    other: "script",
    otherAnswer: "404",
    request: get("/site/any", "Sec-Fetch-Dest"),
  },
  {
    name: "sec-fetch-site",
    harmless: "same-origin",
    answer: "201",
    other: "cross-site",
    otherAnswer: "403",
    request: asks("POST /files/put.txt", "Sec-Fetch-Site", [], "a"),
  },
];

/** What content is. */
const contentFields: ReadField[] = [
  {
    name: "content-type",
    by: "a form",
    harmless: "multipart/form-data; boundary=x",
    answer: "201",
    other: "multipart/form-data",
    otherAnswer: "400",
    request: asks(
      "POST /files/",
      "Content-Type",
      [],
      part('form-data; name="a"; filename="form.txt"'),
    ),
  },
  {
    name: "content-type",
    by: "a choice of names",
    harmless: "application/x-www-form-urlencoded",
    answer: "200",
    other: "text/plain",
    otherAnswer: "415",
    request: asks("POST /files/?zip", "Content-Type", [], "name=page.txt"),
  },
  {
    name: "content-disposition",
    by: "a part of a form",
    harmless: 'form-data; name="a"; filename="form.txt"',
    answer: "201",
    other: "form-data",
    otherAnswer: "400",
    request: (value) =>
      asks("POST /files/", "Content-Type", [], part(`${value}`))(
        "multipart/form-data; boundary=x",
      ),
    fixed: 16_000,
  },
  {
    name: "content-type",
    by: "more of an upload",
    harmless: "application/partial-upload",
    answer: "400",
    other: "text/plain",
    otherAnswer: "415",
    request: asks("PATCH /uploads/none", "Content-Type", [], "a"),
  },
  {
    name: "content-encoding",
    harmless: "identity",
    answer: "201",
    other: "gzip",
    otherAnswer: "415",
    request: asks("POST /files/put.txt", "Content-Encoding", [], "a"),
  },
  {
    name: "content-range",
    harmless: "bytes 0-0/1",
    answer: "400",
    other: null,
    otherAnswer: "201",
    request: asks("POST /files/put.txt", "Content-Range", [], "a"),
  },
  ...["content-digest", "repr-digest"].map((name): ReadField => ({
    name,
    harmless: sha256,
    answer: "201",
    other: noDigest,
    otherAnswer: "400",
    request: asks("POST /files/put.txt", name, [], "a"),
  })),
  ...["content-digest", "repr-digest"].map((name): ReadField => ({
    name,
    by: "a resumable upload",
    harmless: sha256,
    answer: "201",
    other: noDigest,
    otherAnswer: "400",
    request: asks("POST /files/put.txt", name, ["Upload-Complete: ?1"], "a"),
  })),
  {
    name: "upload-complete",
    harmless: "?1",
    answer: "201",
    other: "1",
    otherAnswer: "400",
    request: asks("POST /files/put.txt", "Upload-Complete", [], "a"),
  },
  {
    name: "upload-draft-interop-version",
    harmless: "8",
    answer: "104 201",
    other: "9",
    otherAnswer: "201",
    request: asks(
      "POST /files/put.txt",
      "Upload-Draft-Interop-Version",
      ["Upload-Complete: ?1"],
      "a",
    ),
  },
  {
    name: "upload-length",
    harmless: "1",
    answer: "201",
    other: "a",
    otherAnswer: "400",
    request: asks(
      "POST /files/put.txt",
      "Upload-Length",
      ["Upload-Complete: ?1"],
      "a",
    ),
  },
  {
    name: "upload-offset",
    harmless: "0",
    answer: "404",
    other: "a",
    otherAnswer: "400",
    request: asks("PATCH /uploads/none", "Upload-Offset", [
      "Content-Type: application/partial-upload",
      "Upload-Complete: ?1",
    ], "a"),
  },
];

/** What tus and older versions of the draft for uploads say. */
const tusFields: ReadField[] = [
  {
    name: "upload-incomplete",
    harmless: "?0",
    answer: "104 201",
    other: "?2",
    otherAnswer: "400",
    request: asks(
      "POST /files/put.txt",
      "Upload-Incomplete",
      ["Upload-Draft-Interop-Version: 3"],
      "a",
    ),
  },
  ...["via", "x-real-ip"].map((name): ReadField => ({
    name,
    harmless: "1.1 h",
    answer: "201",
    other: null,
    otherAnswer: "104 201",
    request: asks("POST /files/put.txt", name, [
      "Upload-Draft-Interop-Version: 8",
      "Upload-Complete: ?1",
    ], "a"),
  })),
  {
    name: "tus-resumable",
    harmless: "1.0.0",
    answer: "201",
    other: "0.2.2",
    otherAnswer: "412",
    request: asks("POST /files/put.txt", "Tus-Resumable", [
      "Content-Type: application/offset+octet-stream",
      "Upload-Length: 1",
    ], "a"),
  },
  {
    name: "upload-metadata",
    harmless: "filename cHV0LnR4dA==",
    answer: "201",
    other: "filename",
    otherAnswer: "400",
    request: begins("Upload-Metadata", ["Upload-Length: 0"], "/files/"),
  },
  {
    name: "upload-defer-length",
    harmless: "1",
    answer: "201",
    other: "2",
    otherAnswer: "400",
    request: begins("Upload-Defer-Length", []),
  },
  {
    name: "upload-length",
    by: "tus",
    harmless: "0",
    answer: "201",
    other: "a",
    otherAnswer: "400",
    request: begins("Upload-Length", []),
  },
  ...["upload-concat", "upload-checksum"].map((name): ReadField => ({
    name,
    harmless: "partial",
    answer: "400",
    other: null,
    otherAnswer: "201",
    request: begins(name, ["Upload-Length: 0"]),
  })),
  {
    name: "content-type",
    by: "more of an upload by tus",
    harmless: "application/offset+octet-stream",
    answer: "400",
    other: "text/plain",
    otherAnswer: "415",
    request: asks("PATCH /uploads/none", "Content-Type", [tus], "a"),
  },
  {
    name: "upload-offset",
    by: "tus",
    harmless: "0",
    answer: "404",
    other: "a",
    otherAnswer: "400",
    request: asks("PATCH /uploads/none", "Upload-Offset", [
      tus,
      "Content-Type: application/offset+octet-stream",
    ], "a"),
  },
  {
    name: "x-http-method-override",
    harmless: "HEAD",
    answer: "404",
    other: "GET",
    otherAnswer: "405",
    request: asks("POST /uploads/none", "X-HTTP-Method-Override", [tus], ""),
  },
];

/** What is no field, but text of the client's as well. */
const targets: ReadField[] = [
  {
    name: "(the path of /echo/)",
    harmless: "a",
    answer: "a",
    other: "b",
    otherAnswer: "b",
    request: aims("GET /echo/"),
    told: content,
  },
  {
    name: "(the authority of a target)",
    harmless: "h",
    answer: "200",
    other: "h@",
    otherAnswer: "400",
    request: aims("GET http://", "/echo/a"),
  },
  {
    name: "(the authority of CONNECT)",
    harmless: "h:1",
    answer: "403",
    other: "h",
    otherAnswer: "400",
    request: aims("CONNECT "),
  },
  {
    name: "(the query of a list)",
    harmless: "?order=asc",
    answer: "200",
    other: "?order=none",
    otherAnswer: "400",
    request: aims("GET /files/"),
  },
  {
    name: "(the query of a search)",
    harmless: "?search=page",
    answer: "200",
    other: "?search=",
    otherAnswer: "400",
    request: aims("GET /files/"),
  },
  {
    name: "(the query of a deletion)",
    harmless: "?undo=10",
    answer: "404",
    other: "?undo=0",
    otherAnswer: "400",
    request: aims("DELETE /files/none"),
  },
  {
    name: "(the query of a file)",
    harmless: "?download",
    answer: `attachment; filename="page.txt"; filename*=UTF-8''page.txt`,
    other: "?",
    otherAnswer: "none",
    request: aims(`GET ${page}`),
    told: answerField("content-disposition"),
  },
].map((field) => ({ ...field, most: 8000 }));

/** In a target what is no target octet is percent-encoded. */
function asTarget(value: string | null): string {
  return (value ?? "").replace(
    /[^!-~]|#/g,
    (octet) => `%${octet.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** A form of one part. */
function part(disposition: string): string {
  return `--x\r\nContent-Disposition: ${disposition}\r\n\r\na\r\n--x--\r\n`;
}

/** All of them. */
export const readFields: readonly ReadField[] = [
  ...wireFields,
  ...negotiatedFields,
  ...conditionalFields,
  ...contentFields,
  ...tusFields,
  ...targets,
];
