/** TLS handshakes: who says nothing holds up nobody, and is counted. */

import { assertEquals, assertRejects } from "@std/assert";
import { type ConnSource, Handshakes } from "../../lib/server/listener.ts";

/** A connection that shakes hands when it is told to. */
class FakeConn {
  #shaking = Promise.withResolvers<void>();
  isClosed = false;

  handshake(): Promise<void> {
    return this.#shaking.promise;
  }

  shake(): void {
    this.#shaking.resolve();
  }

  leave(): void {
    this.#shaking.reject(new Deno.errors.ConnectionReset("It left"));
  }

  close(): void {
    this.isClosed = true;
    this.leave();
  }
}

/** Handshakes of the given connections, after which no other comes. */
function open(conns: object[], most = 10) {
  const closed = Promise.withResolvers<never>();
  closed.promise.catch(() => {});
  let isClosed = false;
  const clock = { now: 0 };
  const accepted: object[] = [];
  const listener = {
    addr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
    accept() {
      if (isClosed || accepted.length === conns.length) return closed.promise;
      accepted.push(conns[accepted.length]);
      return Promise.resolve(accepted.at(-1));
    },
    close() {
      isClosed = true;
      closed.reject(new Deno.errors.BadResource("It is closed"));
    },
    ref() {},
    unref() {},
  } as unknown as ConnSource;
  const patience = { most, time: 30_000 };
  const handshakes = new Handshakes(listener, patience, () => clock.now);
  return { handshakes, accepted, clock, patience };
}

const accept = async (handshakes: Handshakes) =>
  await handshakes.accept() as unknown;

/** Lets everything that needs no clock run to its end. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("who shakes hands first is served first", async () => {
  const conns = [new FakeConn(), new FakeConn(), new FakeConn()];
  const { handshakes } = open(conns);
  conns[2].shake();
  assertEquals(await accept(handshakes), conns[2]);
  conns[0].shake();
  assertEquals(await accept(handshakes), conns[0]);
  handshakes.close();
  assertEquals(conns.map(({ isClosed }) => isClosed), [false, true, false]);
});

Deno.test("a connection without TLS is handed over as it is", async () => {
  const plain = {};
  const { handshakes } = open([plain]);
  assertEquals(await accept(handshakes), plain);
  handshakes.close();
});

Deno.test("a client that leaves is closed, and the next one served", async () => {
  const conns = [new FakeConn(), new FakeConn()];
  const { handshakes } = open(conns, 1);
  conns[0].leave();
  conns[1].shake();
  assertEquals(await accept(handshakes), conns[1]);
  assertEquals(conns[0].isClosed, true);
  handshakes.close();
});

Deno.test("no more than so many are at their handshake", async () => {
  const conns = [new FakeConn(), new FakeConn(), new FakeConn()];
  const { handshakes, accepted, clock } = open(conns, 2);
  const next = accept(handshakes);
  await settle();
  // However long they take: their sockets are there.
  clock.now = 1e9;
  await settle();
  assertEquals(accepted, conns.slice(0, 2));
  assertEquals(conns.map(({ isClosed }) => isClosed), [false, false, false]);
  conns[1].leave();
  conns[2].shake();
  assertEquals(await next, conns[2]);
  handshakes.close();
});

Deno.test("more are accepted as soon as more are allowed", async () => {
  const conns = [new FakeConn(), new FakeConn()];
  const { handshakes, accepted, patience } = open(conns, 1);
  const next = accept(handshakes);
  await settle();
  assertEquals(accepted, conns.slice(0, 1));
  assertEquals(handshakes.pending, 1);
  patience.most = 2;
  conns[1].shake();
  assertEquals(await next, conns[1]);
  handshakes.close();
});

Deno.test("who shakes hands too late is not served", async () => {
  const conns = [new FakeConn(), new FakeConn()];
  const { handshakes, clock } = open(conns);
  const next = accept(handshakes);
  await settle();
  clock.now = 30_001;
  conns[0].shake();
  await settle();
  assertEquals(conns[0].isClosed, true);
  handshakes.close();
  await assertRejects(() => next, Deno.errors.BadResource);
});

Deno.test("after a close nobody is handed over", async () => {
  for (const most of [1, 2]) {
    const conns = [new FakeConn(), new FakeConn()];
    const { handshakes } = open(conns, most);
    const next = accept(handshakes);
    await settle();
    handshakes.close();
    conns[0].shake();
    await assertRejects(() => next, Deno.errors.BadResource);
    assertEquals(conns[0].isClosed, true);
  }
});
