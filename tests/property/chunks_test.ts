/** Encode, then decode: chunked content and its trailers. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { resolveLimits } from "../../lib/limits.ts";
import { ByteReader } from "../../lib/wire/byte_reader.ts";
import {
  ChunkedContent,
  encodeChunk,
  encodeLastChunk,
} from "../../lib/wire/chunked_coding.ts";
import { decodeLatin1, encodeLatin1 } from "../../lib/wire/grammar.ts";
import { streamOf } from "../fuzz/arrivals.ts";
import { holds } from "./holds.ts";
import {
  content,
  fieldLines,
  fieldValue,
  sent,
  token,
  whitespace,
} from "./octets.ts";

const limits = resolveLimits({ chunkLine: 1 << 20, fieldSection: 1 << 20 });

/** Reads chunked content, at most so many octets at a time. */
async function decode(arrivals: string[], most: number) {
  const reader = new ByteReader(streamOf(arrivals));
  const chunked = new ChunkedContent(reader, limits);
  let decoded = "";
  for (let octets; (octets = await chunked.read(most));) {
    decoded += decodeLatin1(octets);
  }
  assertEquals(await reader.awaitMessage(), false);
  return { decoded, trailers: chunked.trailers?.lines };
}

const most = fc.integer({ min: 1, max: 200 });

Deno.test("chunks and trailers: encode, then decode, is the identity", async () => {
  const encoded = sent(
    fc.record({ chunks: fc.array(content), lines: fieldLines }),
    ({ chunks, lines }) =>
      [
        ...chunks.flatMap((chunk) => encodeChunk(encodeLatin1(chunk))),
        encodeLastChunk(lines),
      ].map((octets) => decodeLatin1(octets)).join(""),
  );
  await holds(fc.tuple(encoded, most), async ([{ made, arrivals }, most]) => {
    const { decoded, trailers } = await decode(arrivals, most);
    assertEquals(decoded, made.chunks.join(""));
    assertEquals(trailers, made.lines);
  });
});

/** A quoted string: anything but a quote or a backslash, which are escaped. */
const quotedString = fieldValue.map((value) =>
  `"${value.replaceAll(/["\\]/g, "\\$&")}"`
);

const extension = fc.tuple(
  whitespace,
  whitespace,
  token,
  fc.option(fc.tuple(whitespace, whitespace, fc.oneof(token, quotedString))),
).map(([before, after, name, value]) =>
  `${before};${after}${name}` +
  (value ? `${value[0]}=${value[1]}${value[2]}` : "")
);

/** A line before a chunk, but for its size. */
interface ChunkLine {
  zeros: string;
  isUpperCase: boolean;
  extensions: string[];
}

const chunkLine: fc.Arbitrary<ChunkLine> = fc.record({
  zeros: fc.constantFrom("", "0", "000"),
  isUpperCase: fc.boolean(),
  extensions: fc.array(extension, { maxLength: 3 }),
});

function printChunkLine(size: number, line: ChunkLine): string {
  const digits = line.zeros + size.toString(16);
  return (line.isUpperCase ? digits.toUpperCase() : digits) +
    line.extensions.join("") + "\r\n";
}

Deno.test("chunks: extensions are ignored, trailers kept", async () => {
  const printed = sent(
    fc.record({
      chunks: fc.array(fc.tuple(chunkLine, content)),
      lastLine: chunkLine,
      trailers: fieldLines,
    }),
    ({ chunks, lastLine, trailers }) =>
      chunks.filter(([, data]) => data !== "").map(([line, data]) =>
        `${printChunkLine(data.length, line)}${data}\r\n`
      ).join("") +
      printChunkLine(0, lastLine) +
      trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("") +
      "\r\n",
  );
  await holds(fc.tuple(printed, most), async ([{ made, arrivals }, most]) => {
    const { decoded, trailers } = await decode(arrivals, most);
    assertEquals(decoded, made.chunks.map(([, data]) => data).join(""));
    assertEquals(trailers, made.trailers);
  });
});
