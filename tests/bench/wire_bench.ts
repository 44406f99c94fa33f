/** What the pieces of one request cost, each by itself. */

import { route } from "../../lib/router/router.ts";
import { resolveLimits } from "../../lib/limits.ts";
import { ByteReader } from "../../lib/wire/byte_reader.ts";
import {
  ChunkedContent,
  encodeChunk,
  encodeLastChunk,
} from "../../lib/wire/chunked_coding.ts";
import { LastSection } from "../../lib/wire/request_head.ts";
import { HeadParser } from "../../lib/wire/request_head.ts";
import { encodeResponseHead } from "../../lib/wire/response_head.ts";

const limits = resolveLimits({ content: Infinity });

/** A reader of octets that are all there at once. */
function readerOf(octets: Uint8Array): ByteReader {
  return new ByteReader(ReadableStream.from([octets]));
}

const encode = (text: string) => new TextEncoder().encode(text);

const line = "GET /echo/abc HTTP/1.1\r\n";
const shortHead = encode(`${line}Host: localhost:4221\r\n\r\n`);
const browserHead = encode(
  line + "Host: localhost:4221\r\n" +
    "Connection: keep-alive\r\nCache-Control: max-age=0\r\n" +
    "Upgrade-Insecure-Requests: 1\r\n" +
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\n" +
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9\r\n" +
    "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\n" +
    "Sec-Fetch-User: ?1\r\nSec-Fetch-Dest: document\r\n" +
    "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en\r\n\r\n",
);

for (
  const [fields, octets] of [
    ["1 field", shortHead],
    ["12 fields", browserHead],
  ] as const
) {
  const first = new HeadParser(limits);
  Deno.bench(`a head of ${fields}`, { group: "head" }, () => {
    first.parse(octets, 0, octets.length);
  });
  const again = new HeadParser(limits, new LastSection());
  Deno.bench(`the same fields again: ${fields}`, { group: "head" }, () => {
    again.parse(octets, 0, octets.length);
  });
}

/** A mebibyte in chunks of `size`. */
function chunkedMebibyte(size: number): Uint8Array {
  const chunk = encodeChunk(new Uint8Array(size));
  const pieces = Array(2 ** 20 / size).fill(chunk).flat();
  return new Uint8Array(
    [...pieces, encodeLastChunk()].flatMap((piece) => [...piece]),
  );
}

for (const size of [256, 16_384]) {
  const octets = chunkedMebibyte(size);
  Deno.bench(`1 MiB in chunks of ${size}`, { group: "chunks" }, async () => {
    const content = new ChunkedContent(readerOf(octets), limits);
    while (await content.read(65_536));
  });
}

Deno.bench("response head", { group: "response" }, () => {
  encodeResponseHead(200, "OK", [
    ["content-type", "text/plain"],
    ["date", "Sun, 22 Nov 2026 10:00:00 GMT"],
    ["content-length", "3"],
  ]);
});

const handler = route(
  ["/", "/echo/*", "/user-agent", "/files/*"].map((pathname) => ({
    method: "GET",
    pattern: new URLPattern({ pathname }),
    handler: () => new Response(),
  })),
);
const info: Deno.ServeHandlerInfo<Deno.NetAddr> = {
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
  completed: Promise.resolve(),
};
const request = new Request("http://localhost:4221/files/a.txt");
Deno.bench("the last of four routes", { group: "router" }, async () => {
  await handler(request, info);
});
