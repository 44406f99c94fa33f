/** What a worker and its supervisor say, whole, octet by octet and cut. */

import { assertEquals, assertRejects } from "@std/assert";
import { concat } from "@std/bytes/concat";
import {
  decodeOrders,
  decodeReports,
  encodeOrder,
  encodeReport,
  type Order,
  type Report,
} from "../../lib/cli/worker_channel.ts";

const orders: Order[] = [
  { type: "start", port: 0, place: 1, count: 2 },
  { type: "scrape" },
  { type: "drain", delay: 5000 },
];

const addr: Deno.NetAddr = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 4221,
};

const reports: Report[] = [
  { type: "ready", addr, writeAdvice: "add --allow-write=./é\u0000\n" },
  { type: "watched" },
  { type: "metrics", text: "# HELP a b\n# TYPE a counter\na 1\n" },
  { type: "failed", message: "Cannot serve", exitCode: 1 },
];

/** The ways to cut octets in two, and into single ones. */
function* cuts(octets: Uint8Array<ArrayBuffer>) {
  for (let at = 0; at <= octets.length; at++) {
    yield [octets.subarray(0, at), octets.subarray(at)];
  }
  yield Array.from(octets, (octet) => Uint8Array.of(octet));
}

Deno.test("orders arrive as they were given, however they are cut", async () => {
  for (const pieces of cuts(concat(orders.map(encodeOrder)))) {
    const decoded = decodeOrders(ReadableStream.from(pieces));
    assertEquals(await Array.fromAsync(decoded), orders);
  }
});

Deno.test("reports arrive between whole lines of the log", async () => {
  const encoder = new TextEncoder();
  const lines = [encoder.encode("one é\ntwo\n"), encoder.encode("three\n")];
  const sent = concat([
    encodeReport(reports[0]),
    lines[0],
    encodeReport(reports[1]),
    encodeReport(reports[2]),
    lines[1],
    encodeReport(reports[3]),
  ]);
  for (const pieces of cuts(sent)) {
    const found: Report[] = [];
    let log = "";
    for await (const each of decodeReports(ReadableStream.from(pieces))) {
      if (!(each instanceof Uint8Array)) found.push(each);
      else log += checkWhole(new TextDecoder().decode(each));
    }
    assertEquals(found, reports);
    assertEquals(log, "one é\ntwo\nthree\n");
  }
});

function checkWhole(lines: string): string {
  assertEquals(lines.at(-1), "\n");
  return lines;
}

Deno.test("the line of a worker that was killed is dropped", async () => {
  const octets = new TextEncoder().encode("whole\nbroken o");
  const pieces = await Array.fromAsync(
    decodeReports(ReadableStream.from([octets])),
  );
  assertEquals(pieces, [octets.subarray(0, 6)]);
});

Deno.test("a line without an end is not kept for ever", async () => {
  const piece = new Uint8Array(2 ** 20).fill(0x61);
  const endless = ReadableStream.from(Array(16).fill(piece));
  await assertRejects(
    () => Array.fromAsync(decodeReports(endless)),
    RangeError,
    "Cannot read a line: it is too long",
  );
});
