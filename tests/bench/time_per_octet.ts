/**
 * Does any input make time grow faster than its length? CPU time per octet, for
 * inputs of one size and of ten times it, limits lifted:
 * `deno task bench:growth [NAME]`. Each row should be flat; exits with 1 if one is
 * not. The fields of a request are read as the server and the handlers read them.
 *
 * @module
 */
import { accepts } from "@std/http/negotiation";
import { HttpError } from "../../lib/errors.ts";
import { parseDigests, wantedDigest } from "../../lib/files/digests.ts";
import { formBoundary } from "../../lib/files/multipart.ts";
import { preferredCodings } from "../../lib/handlers/accept_encoding.ts";
import { parseByteRanges } from "../../lib/handlers/byte_ranges.ts";
import { evaluatePreconditions } from "../../lib/handlers/preconditions.ts";
import { resolveLimits } from "../../lib/limits.ts";
import { ByteReader } from "../../lib/wire/byte_reader.ts";
import type { FieldSection } from "../../lib/wire/field_section.ts";
import { encodeLatin1 } from "../../lib/wire/grammar.ts";
import { openContent } from "../../lib/wire/request_content.ts";
import { readRequestHead } from "../../lib/wire/request_head.ts";
import { connect } from "../support/conversation.ts";
import { cost } from "../hostile/work.ts";

const limits = resolveLimits({
  requestLine: Infinity,
  fieldSection: Infinity,
  fieldCount: Infinity,
  chunkLine: Infinity,
  content: Infinity,
});

/** Octets of the smaller input; the larger has ten times as many. */
const BASE = 4_000;

/** So many times as much may an octet of the larger cost: 15-fold work in all. */
const MOST_GROWTH = 1.5;

/** Nanoseconds for all of the larger, for which it does not matter. */
const FLOOR = 3_000_000;

const head = "POST / HTTP/1.1\r\nHost: h\r\n";
const upgrading = `${head}Connection: upgrade\r\n`;
const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`;

/** Inputs of about so many octets. */
const inputs: Record<string, (size: number) => string> = {
  "a long request line": (size) =>
    `GET /${"a".repeat(size)} HTTP/1.1\r\nHost: h\r\n\r\n`,
  "many fields": (size) => `${head}${"A: bcdefg\r\n".repeat(size / 11)}\r\n`,
  "many Connection fields": (size) =>
    `${head}${"Connection: a,b\r\n".repeat(size / 17)}\r\n`,
  "one long field": (size) => `${head}A: ${"b".repeat(size)}\r\n\r\n`,
  "one field of whitespace": (size) =>
    `${head}A: b${" ".repeat(size)}c\r\n\r\n`,
  "a long list in Transfer-Encoding": (size) =>
    `${head}Transfer-Encoding: ${" ,".repeat(size / 2)}chunked\r\n\r\n`,
  "content": (size) =>
    `${head}Content-Length: ${size}\r\n\r\n${"a".repeat(size)}`,
  "chunks of one octet": (size) =>
    `${chunked}${"1\r\na\r\n".repeat(size / 6)}0\r\n\r\n`,
  "chunks of 100 octets": (size) =>
    `${chunked}${`64\r\n${"a".repeat(100)}\r\n`.repeat(size / 106)}0\r\n\r\n`,
  "a long chunk size": (size) => `${chunked}${"0".repeat(size)}\r\n\r\n`,
  "a long chunk extension": (size) => `${chunked}0;${"a".repeat(size)}\r\n\r\n`,
  "a long quoted extension": (size) =>
    `${chunked}0;a="${"\\a".repeat(size / 2)}"\r\n\r\n`,
  "many chunk extensions": (size) =>
    `${chunked}0${";a=b".repeat(size / 4)}\r\n\r\n`,
  "a chunk extension that fails late": (size) =>
    `${chunked}0${" ;a = b".repeat(size / 7)} ;\r\n\r\n`,
  "a chunk line of whitespace": (size) =>
    `${chunked}0${" ".repeat(size)}x\r\n\r\n`,
  "many trailers": (size) =>
    `${chunked}0\r\n${"A: bcdefg\r\n".repeat(size / 11)}\r\n`,
  "pipelined requests": (size) =>
    "GET / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(size / 27),
  "requests with empty lines before": (size) =>
    `${"\r\n".repeat(8)}GET / HTTP/1.1\r\nHost: h\r\n\r\n`.repeat(size / 43),
};

/** Values of fields: a beginning, a filler over and over, and an end. */
const values: Record<string, [start: string, filler: string, end: string]> = {
  "of whitespace": ["a", " ", "b"],
  "of tabs": ["a", "\t", "b"],
  "of commas": ["a", " ,", "b"],
  "of parameters": ["a", ";b=c", '"'],
  "of quotes": ["a", '"\\"', "b"],
  "of members": ["a", ', "a"', "b"],
};

/** Each field by what reads it. */
const readers: Record<string, (fields: FieldSection, name: string) => unknown> =
  {
    // What these say has been decided when the head is there.
    "Connection": () => {},
    "TE": () => {},
    "Expect": () => {},
    "Upgrade": () => {},
    "Transfer-Encoding": () => {},
    "Content-Digest": (fields, name) => parseDigests(fields.get(name)!),
    "Want-Repr-Digest": (fields, name) => wantedDigest(fields.get(name)!),
    "Accept": (fields, name) =>
      accepts({ headers: headersOf(fields, name) }, "text/plain", "text/html"),
    "Accept-Encoding": (fields, name) =>
      preferredCodings(fields.get(name)!, ["gzip"]),
    "Range": (fields, name) =>
      parseByteRanges(fields.get(name)!.replace("a", "bytes=0-1"), 1000),
    "If-None-Match": (fields, name) =>
      evaluatePreconditions({
        method: "GET",
        headers: headersOf(fields, name),
      }, { entityTag: '"b"', lastModified: 0 }),
    "Content-Type": (fields, name) =>
      formBoundary(fields.get(name)!.replace("a", "multipart/form-data;")),
  };

function headersOf(fields: FieldSection, name: string): Headers {
  return new Headers([[name, fields.get(name)!]]);
}

/** Parses a head and reads one field of it. */
const readField = (name: string): Read => async (octets, most) => {
  const reader = new ByteReader(streamOf(octets, most));
  await reader.awaitMessage();
  try {
    const { fields } = await readRequestHead(reader, limits);
    readers[name](fields, name.toLowerCase());
  } catch (error) {
    // Some values are there to be refused, late.
    if (!(error instanceof HttpError)) throw error;
  }
};

/** How the octets arrive: all at once, in packets, or one by one. */
const arrivals = { whole: Infinity, "by 1460": 1460, "one by one": 1 };

/** A stream of arrivals of `most` octets. */
function streamOf(octets: Uint8Array, most: number) {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at === octets.length) return controller.close();
      const end = Math.min(octets.length, at + most);
      controller.enqueue(octets.slice(at, end));
      at = end;
    },
  }, { highWaterMark: 0 });
}

/** Reads all messages, or up to what is refused. */
async function readAll(octets: Uint8Array, most: number): Promise<void> {
  const reader = new ByteReader(streamOf(octets, most));
  try {
    while (await reader.awaitMessage()) {
      const head = await readRequestHead(reader, limits);
      const content = openContent(head.framing, reader, limits);
      while (await content.read(65_536));
    }
  } catch {
    // Some inputs are there to be refused, late.
  }
}

/** Serves a whole connection: what arrives at once, and a FIN. */
async function serveAll(octets: Uint8Array): Promise<void> {
  const { pipe, done } = connect({ limits });
  pipe.send(octets, null);
  await done;
}

type Read = (octets: Uint8Array, most: number) => Promise<void>;

/** Nanoseconds of CPU for each octet: the least of some trials. */
async function measure(
  read: Read,
  octets: Uint8Array,
  most: number,
): Promise<number> {
  const rounds = Math.max(1, Math.round(10 * BASE / octets.length));
  let least = Infinity;
  for (let trial = 0; trial < 3; trial++) {
    const figure = await cost(async () => {
      for (let round = 0; round < rounds; round++) await read(octets, most);
    });
    least = Math.min(least, figure * 1000 / rounds / octets.length);
  }
  return least;
}

/** An input of any size, and what reads it. */
interface Row {
  label: string;
  make: (size: number) => string;
  read: Read;
  most: number;
}

/** Whether an octet of the larger input costs no more, or next to nothing. */
function isFlat([once, tenfold]: number[], octets: number): boolean {
  return tenfold <= MOST_GROWTH * once || tenfold * octets <= FLOOR;
}

/** Figures for an input of about `size` octets and one of ten times as many. */
async function compare(
  { make, read, most }: Row,
  size: number,
): Promise<{ figures: number[]; flat: boolean }> {
  const inputs = [size, 10 * size].map((size) => encodeLatin1(make(size)));
  const figures = [Infinity, Infinity];
  const flat = () => isFlat(figures, inputs[1].length);
  // One that seems to grow is tried again: something else may have run.
  for (let trial = 0; trial === 0 || trial < 5 && !flat(); trial++) {
    for (const [at, octets] of inputs.entries()) {
      const figure = await measure(read, octets, most);
      figures[at] = Math.min(figures[at], figure);
    }
    if (figures[1] > 5 * figures[0]) break; // no other process does that
  }
  return { figures, flat: flat() };
}

/** Prints a row: the figures for an input that grows. Returns whether it is flat. */
async function printRow(row: Row): Promise<boolean> {
  const { figures, flat } = await compare(row, BASE);
  console.log(
    row.label.padEnd(46) +
      figures.map((figure) => figure.toFixed(1).padStart(8)).join(" ") +
      (flat ? "" : "  seems to grow"),
  );
  return flat;
}

/**
 * Whether a row grows at every size. What grows faster than its input grows more
 * the longer it is; a busy moment of the machine has passed when all other rows
 * were measured.
 */
async function growsAlways(row: Row): Promise<boolean> {
  for (const times of [1, 2, 4]) {
    if ((await compare(row, times * BASE)).flat) return false;
  }
  return true;
}

function* rows(): Generator<Row> {
  for (const [name, make] of Object.entries(inputs)) {
    for (const [how, most] of Object.entries(arrivals)) {
      yield { label: `${name}, ${how}`, make, read: readAll, most };
    }
  }
  for (const name of ["pipelined requests", "many fields", "content"]) {
    const label = `${name}, a whole connection`;
    yield { label, make: inputs[name], read: serveAll, most: Infinity };
  }
  for (const name of Object.keys(readers)) {
    for (const [what, [start, filler, end]] of Object.entries(values)) {
      const make = (size: number) =>
        `${upgrading}${name}: ${start}${
          filler.repeat(size / filler.length)
        }${end}` +
        "\r\n\r\n";
      const read = readField(name);
      yield { label: `${name} ${what}`, make, read, most: Infinity };
    }
  }
}

const only = Deno.args[0] ?? "";
console.log(`${"ns of CPU per octet".padEnd(52)}1×      10×`);
const suspects: Row[] = [];
for (const row of rows()) {
  if (row.label.includes(only) && !await printRow(row)) suspects.push(row);
}
for (const row of suspects) {
  const grows = await growsAlways(row);
  console.log(`${row.label}: ${grows ? "grows" : "flat when tried again"}`);
  if (grows) Deno.exitCode = 1;
}
