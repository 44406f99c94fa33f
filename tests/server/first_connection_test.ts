/**
 * The first connection of a process. Each file of tests has modules of its own,
 * so this test is alone in its file: no other may connect before it.
 */

import { assertEquals } from "@std/assert";
import { Deadlines } from "../../lib/server/client_timeouts.ts";
import { connect } from "../support/conversation.ts";
import { NEXT } from "../support/message_cases.ts";

Deno.test("idle: the first client of a process is not waited for longer", async () => {
  let now = 0;
  const deadlines = new Deadlines(() => now);
  const { pipe, done } = connect({ deadlines });
  await pipe.untilRead();
  deadlines.sweep();
  now += 65_000;
  deadlines.sweep();
  // Too late: it is answered only by a connection that waits still.
  pipe.send(NEXT, null);
  await done;
  assertEquals(pipe.received, "");
});
