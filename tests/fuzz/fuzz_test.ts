/**
 * Any octets give a request, a ProtocolError or a ConnectionLost: some, from a
 * seed that never changes. `run.ts` tries many more.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { fuzz } from "./fuzz.ts";
import { generateConversation } from "./generate.ts";
import { findFault, type Read } from "./invariant.ts";
import { Random } from "./random.ts";
import { readMessages } from "./wire_level.ts";

Deno.test("fuzz: 6000 messages, the wire alone", async () => {
  assertEquals(await fuzz("wire", 1, 6000), []);
});

Deno.test("fuzz: 500 messages, whole connections", async () => {
  assertEquals(await fuzz("connection", 2, 500), []);
});

Deno.test("fuzz: what is generated is both accepted and refused", async () => {
  const seen = new Map<string, number>();
  for (let number = 0; number < 1500; number++) {
    const { octets } = generateConversation(new Random(3, number));
    for (const told of await readMessages([octets])) {
      const outcome = told.startsWith("refused") ? told : "accepted";
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    }
  }
  assertEquals(
    [...seen.keys()].sort(),
    [
      "accepted",
      ...[400, 413, 414, 431, 501, 505].map((it) => `refused: ${it}`),
    ],
  );
  assertEquals(seen.get("accepted")! > 500, true);
});

/** What the check says of a reader with a fault. */
const faultOf = (read: Read) =>
  findFault("GET / HTTP/1.1\r\n\r\n", read, [["GET / ", "HTTP/1.1\r\n\r\n"]]);

Deno.test("fuzz: an outcome without fault has none", async () => {
  assertEquals(await faultOf(() => Promise.resolve(["a", "b"])), undefined);
});

Deno.test("fuzz: what throws anything else is found", async () => {
  const fault = await faultOf(() => Promise.reject(new TypeError("No")));
  assertMatch(fault ?? "", /^TypeError: No/);
});

Deno.test("fuzz: what hangs is found", async () => {
  assertMatch(await faultOf(() => new Promise(() => {})) ?? "", /It hangs/);
});

Deno.test("fuzz: what depends on the cut is found", async () => {
  const fault = await faultOf((arrivals) => Promise.resolve(arrivals));
  assertMatch(fault ?? "", /^Cut 6\+12: /);
});

Deno.test("fuzz: more answers than requests are found", async () => {
  const fault = await faultOf(() => Promise.resolve(["a", "b", "c"]));
  assertMatch(fault ?? "", /^More answers than requests/);
});
