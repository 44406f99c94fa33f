/**
 * Does any input make time grow faster than its length? CPU time per octet, for
 * inputs of one size, of ten times it and of a hundred times, limits lifted:
 * `deno run tests/bench/time_per_octet.ts`. Each row should be flat.
 *
 * @module
 */
import process from "node:process";
import { resolveLimits } from "../../lib/limits.ts";
import { ByteReader } from "../../lib/wire/byte_reader.ts";
import { encodeLatin1 } from "../../lib/wire/grammar.ts";
import { requestFraming } from "../../lib/wire/message_framing.ts";
import { openContent } from "../../lib/wire/request_content.ts";
import {
  readRequestHead,
  readRequestLine,
} from "../../lib/wire/request_head.ts";
import { connect } from "../conversation.ts";

const limits = resolveLimits({
  requestLine: Infinity,
  fieldSection: Infinity,
  fieldCount: Infinity,
  chunkLine: Infinity,
  content: Infinity,
});

/** Octets of the smallest input; the largest has a hundred times as many. */
const BASE = 2_000;

const head = "POST / HTTP/1.1\r\nHost: h\r\n";
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
      const line = await readRequestLine(reader, limits);
      const head = await readRequestHead(line, reader, limits);
      head.fields.tokens("connection");
      const content = openContent(requestFraming(head), reader, limits);
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
  const rounds = Math.max(1, Math.round(100 * BASE / octets.length / 4));
  let least = Infinity;
  for (let trial = 0; trial < 4; trial++) {
    const start = process.cpuUsage();
    for (let round = 0; round < rounds; round++) await read(octets, most);
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) * 1000 / rounds / octets.length);
  }
  return least;
}

/** Prints a row: the figures for an input that grows. */
async function printRow(
  label: string,
  make: (size: number) => string,
  read: Read,
  most = Infinity,
): Promise<void> {
  const figures: number[] = [];
  for (const times of [1, 10, 100]) {
    const octets = encodeLatin1(make(BASE * times)).slice();
    figures.push(await measure(read, octets, most));
  }
  const isFlat = figures[2] < 2 * figures[0];
  console.log(
    label.padEnd(46) +
      figures.map((figure) => figure.toFixed(1).padStart(8)).join(" ") +
      (isFlat ? "" : "  grows"),
  );
}

const only = Deno.args[0] ?? "";
console.log(`${"ns of CPU per octet".padEnd(52)}1×      10×     100×`);
for (const [name, make] of Object.entries(inputs)) {
  if (!name.includes(only)) continue;
  for (const [how, most] of Object.entries(arrivals)) {
    await printRow(`${name}, ${how}`, make, readAll, most);
  }
}
for (const name of ["pipelined requests", "many fields", "content"]) {
  if (!name.includes(only)) continue;
  await printRow(`${name}, a whole connection`, inputs[name], serveAll);
}
