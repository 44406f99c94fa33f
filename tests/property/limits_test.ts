/** Limits are inclusive: what just fits is taken, one more is not. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ProtocolError } from "../../lib/errors.ts";
import { type Limits, resolveLimits } from "../../lib/limits.ts";
import { ByteReader } from "../../lib/wire/byte_reader.ts";
import { openContent } from "../../lib/wire/request_content.ts";
import { readRequestHead } from "../../lib/wire/request_head.ts";
import { streamOf } from "../fuzz/arrivals.ts";
import { holds } from "./holds.ts";
import { cutsOf } from "./octets.ts";

/** 200, or the status that a request is refused with. */
async function statusOf(
  arrivals: string[],
  limits: Partial<Limits>,
): Promise<number> {
  const all = resolveLimits(limits);
  const reader = new ByteReader(streamOf(arrivals));
  try {
    await reader.awaitMessage();
    const head = await readRequestHead(reader, all);
    const content = openContent(head.framing, reader, all);
    while (await content.read(100));
    return 200;
  } catch (error) {
    if (error instanceof ProtocolError) return error.status;
    throw error;
  }
}

const fields = "Host: h\r\n\r\n";
const chunked = `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${fields}`;

/** For each limit, a request that needs exactly `size` of it. */
const cases: {
  about: string;
  limit: keyof Limits;
  least: number;
  status: number;
  request: (size: number) => string;
}[] = [
  {
    about: "octets of a request line",
    limit: "requestLine",
    least: 14,
    status: 414,
    request: (size) =>
      `GET ${"/".padEnd(size - 13, "a")} HTTP/1.1\r\n${fields}`,
  },
  {
    about: "octets of a header section",
    limit: "fieldSection",
    least: 14,
    status: 431,
    request: (size) =>
      `GET / HTTP/1.1\r\nA: ${"a".repeat(size - 14)}\r\n${fields}`,
  },
  {
    about: "octets of a trailer section",
    limit: "fieldSection",
    least: 50,
    status: 431,
    request: (size) => `${chunked}0\r\nA: ${"a".repeat(size - 5)}\r\n\r\n`,
  },
  {
    about: "field lines",
    limit: "fieldCount",
    least: 1,
    status: 431,
    request: (size) =>
      `GET / HTTP/1.1\r\n${"A:\r\n".repeat(size - 1)}${fields}`,
  },
  {
    about: "octets of a chunk size",
    limit: "chunkLine",
    least: 1,
    status: 400,
    request: (size) => `${chunked}${"0".repeat(size)}\r\n\r\n`,
  },
  {
    about: "octets of a chunk extension",
    limit: "chunkLine",
    least: 3,
    status: 400,
    request: (size) => `${chunked}0;${"a".repeat(size - 2)}\r\n\r\n`,
  },
  {
    about: "octets of one chunk",
    limit: "content",
    least: 1,
    status: 413,
    request: (size) =>
      `${chunked}${size.toString(16)}\r\n${"a".repeat(size)}\r\n0\r\n\r\n`,
  },
  {
    about: "octets of many chunks",
    limit: "content",
    least: 1,
    status: 413,
    request: (size) => `${chunked}${"1\r\na\r\n".repeat(size)}0\r\n\r\n`,
  },
];

for (const { about, limit, least, status, request } of cases) {
  Deno.test(`limits: ${limit} is inclusive: ${about}`, async () => {
    const sizes = fc.integer({ min: least, max: least + 300 }).chain((size) =>
      fc.record({
        size: fc.constant(size),
        fits: cutsOf(request(size)),
        passes: cutsOf(request(size + 1)),
      })
    );
    await holds(sizes, async ({ size, fits, passes }) => {
      // All else may be as large as it likes.
      const limits = {
        requestLine: Infinity,
        fieldSection: Infinity,
        fieldCount: Infinity,
        chunkLine: Infinity,
        content: Infinity,
        [limit]: size,
      };
      assertEquals(await statusOf(fits, limits), 200);
      assertEquals(await statusOf(passes, limits), status);
    }, 100);
  });
}
