import { assertEquals } from "@std/assert";
import {
  ClientTimeouts,
  Deadlines,
  isTooSlow,
  type Timed,
} from "../../lib/server/client_timeouts.ts";

Deno.test("a deadline strikes once, when its time has come", () => {
  let now = 0;
  const deadlines = new Deadlines(() => now);
  const struck: string[] = [];
  const [a, b] = ["a", "b"].map((name) =>
    deadlines.create(() => struck.push(name))
  );
  a.start(100);
  b.start(200);
  // They run from the next sweep on.
  now = 1000;
  deadlines.sweep();
  now = 1099;
  deadlines.sweep();
  assertEquals(struck, []);
  now = 1100;
  deadlines.sweep();
  deadlines.sweep();
  assertEquals(struck, ["a"]);
  b.start(200);
  deadlines.sweep();
  now = 1299;
  deadlines.sweep();
  b.stop();
  now = 10_000;
  deadlines.sweep();
  assertEquals(struck, ["a"]);
  a.start(0);
  a.release();
  deadlines.sweep();
  deadlines.sweep();
  assertEquals(struck, ["a"]);
  // The resource sanitizer sees to it that the timer ends with the last one.
  b.release();
});

Deno.test("a deadline strikes by itself, too", async () => {
  const deadlines = new Deadlines();
  const struck = Promise.withResolvers<void>();
  const deadline = deadlines.create(struck.resolve);
  deadline.start(1);
  await struck.promise;
  deadline.release();
});

Deno.test("the rate counts after 10 s of waiting", () => {
  assertEquals(isTooSlow(0, 9_999, 128), false);
  assertEquals(isTooSlow(0, 10_000, 128), true);
  assertEquals(isTooSlow(1279, 10_000, 128), true);
  assertEquals(isTooSlow(1280, 10_000, 128), false);
  assertEquals(isTooSlow(0, 10_000, 0), false);
});

Deno.test("a client is new for as long as its request may be here unread", () => {
  let now = 0;
  const deadlines = new Deadlines(() => now);
  const client = new ClientTimeouts(
    { state: "idle", context: { deadlines } } as Timed,
  );
  // The process is held up, and reads nothing meanwhile.
  now = 10_000;
  assertEquals(client.isNewcomer, true);
  for (let sweep = 0; sweep < 5; sweep++) deadlines.sweep();
  assertEquals(client.isNewcomer, false);
  client.release();
});
