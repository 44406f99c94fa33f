/** The events of a connection are told in order, and few are kept. */

import { assert, assertEquals } from "@std/assert";
import { ConnectionLog } from "../../lib/xray/connection_log.ts";
import { record } from "./recording.ts";

const one = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n";
const hello = () => new Response("hello");

Deno.test("RFC 9112 §9.3.2: a pipeline is two requests in one arrival", async () => {
  const exchanges = await record([one + one], hello);
  const [{ log }] = exchanges;
  assertEquals(exchanges[1].log, log);
  const whats = log.events.map(({ what }) => what);
  assertEquals(whats.filter((what) => what === "received").length, 1);
  assertEquals(whats.filter((what) => what === "reading head").length, 2);
  assertEquals(log.events[0].octets, 2 * one.length);
  assertEquals(whats.at(-1), "closed");
  const heads = log.events.filter(({ what }) => what === "reading head");
  assertEquals(
    heads.map(({ exchange }) => exchange),
    exchanges.map(({ id }) => id),
  );
  for (const [at, event] of log.events.entries()) {
    assert(event.to >= event.at && event.at >= (log.events[at - 1]?.at ?? 0));
  }
});

Deno.test("the end of what the client sends is an event, once", async () => {
  const [{ log }] = await record([one], hello);
  const whats = log.events.map(({ what }) => what);
  assertEquals(whats.filter((what) => what === "ended").length, 1);
  assert(whats.indexOf("ended") > whats.indexOf("received"));
  assert(whats.indexOf("ended") < whats.indexOf("closed"));
});

Deno.test("of many events the first and the last are kept", () => {
  const log = new ConnectionLog();
  for (let count = 0; count < 1000; count++) {
    log.add("reading head", { exchange: count });
    log.add("idle");
  }
  assertEquals(log.events.length, 128);
  assertEquals(log.dropped, 2000 - 128);
  assertEquals(log.events[0].exchange, 0);
  assertEquals(log.events.at(-2)?.exchange, 999);
});

Deno.test("a long answer is one event, a trickle at first many", () => {
  const log = new ConnectionLog();
  for (let count = 0; count < 1000; count++) log.add("sent", { octets: 10 });
  assertEquals(log.events.length, 1);
  assertEquals(log.events[0].octets, 10_000);
  for (let count = 0; count < 1000; count++) {
    log.add("received", { octets: 1 });
  }
  assertEquals(log.events.length, 32);
  assertEquals(log.events.at(-1)?.octets, 1000 - 30);
});
