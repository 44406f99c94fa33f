/** Handlers that throw, hang, do not read, or never end. */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { ask, Client, headOf } from "./client.ts";
import { fault, type Tally } from "./fault.ts";
import { times } from "./form.ts";
import { becomesTrue, memory } from "./holdings.ts";
import { honest } from "./honest.ts";
import { milliseconds, resetAfter } from "./reset.ts";
import { mayRun, Server } from "./server.ts";

const pathOf = (name: string) => fromFileUrl(new URL(name, import.meta.url));
const command = [
  ...[Deno.execPath(), "run", "--no-prompt", "--allow-net"],
  // The library's own, instead of the one beside these tests.
  ...["--config", pathOf("../../deno.json"), pathOf("handlers_server.ts")],
];
const ignore = !mayRun || Deno.build.os !== "linux";

interface State {
  aborted: number;
  cancelled: number;
  pulled: number;
  open: number;
  idle: number;
  active: number;
}

async function stateOf({ port }: Server): Promise<State> {
  const { content } = await ask(port, "GET /state HTTP/1.1");
  return JSON.parse(new TextDecoder().decode(content));
}

/** Waits until the server says so. */
async function until(
  server: Server,
  tally: Tally,
  isSo: (state: State) => boolean,
): Promise<void> {
  let state: State | undefined;
  const became = await becomesTrue(async () =>
    isSo(state = await stateOf(server))
  );
  tally.expect(became, () => `it stays at ${JSON.stringify(state)}`);
}

/** A server whose only connection is, before and after, the one that asks. */
async function withServer(
  tally: Tally,
  use: (server: Server) => Promise<void>,
): Promise<void> {
  await using server = await Server.launch({ command });
  await use(server);
  await honest(server.port, tally);
  await until(server, tally, ({ active }) => active <= 1);
  // It ends by itself: nothing is left that keeps a process alive.
  assertEquals((await server.kill("SIGTERM")).code, 0);
}

fault({
  fault: "a handler throws, rejects, or returns no Response",
  promise: "500 without a word of it, and the connection is good for more",
  ignore,
}, async (tally) => {
  await withServer(tally, async ({ port }) => {
    for (let round = 0; round < times(10, 200); round++) {
      for (const path of ["/throws", "/rejects", "/nothing"]) {
        tally.inject();
        using client = await Client.connect(port);
        await client.send(headOf([`GET ${path} HTTP/1.1`]));
        const { status } = await client.next();
        await client.send(headOf([
          "GET /echo/honest HTTP/1.1",
          "Connection: close",
        ]));
        await client.rest();
        const both = new TextDecoder().decode(client.octets());
        tally.expect(
          status === 500 && !both.includes("secret") && both.endsWith("honest"),
          () => `${path}: ${both}`,
        );
      }
    }
  });
});

fault({
  fault: "the stream of an answer fails half-way",
  promise: "the client does not get what it could take for a whole answer",
  ignore,
}, async (tally) => {
  await withServer(tally, async ({ port }) => {
    for (let round = 0; round < times(10, 200); round++) {
      for (const path of ["/stream-fails", "/length-is-wrong"]) {
        tally.inject();
        const { status, isWhole } = await ask(port, `GET ${path} HTTP/1.1`);
        tally.expect(status === 200 && !isWhole, () => `${path}: ${status}`);
      }
    }
  });
});

fault({
  fault: "a handler hangs, and its client resets the connection or closes it",
  promise:
    "request.signal aborts: at once, or after timeouts.idle, since one " +
    "that closes looks like one that still reads",
  ignore,
}, async (tally) => {
  await withServer(tally, async (server) => {
    const count = times(50, 2000);
    for (let at = 0; at < count; at += 50) {
      await Promise.all(Array.from({ length: 50 }, async (_, each) => {
        tally.inject();
        await hang(server.port, each % 2 === 0);
      }));
    }
    await until(server, tally, ({ aborted }) => aborted === count);
  });
});

/** Asks what is never answered, and leaves. */
async function hang(port: number, resets: boolean): Promise<void> {
  const head = headOf(["GET /hangs HTTP/1.1"]);
  if (resets) return await resetAfter(port, head, () => honestly(port));
  using client = await Client.connect(port);
  await client.send(head);
  await honestly(port);
}

/** Another exchange: what was sent before it has come by its end. */
async function honestly(port: number): Promise<void> {
  const { status } = await ask(port, "GET /echo/honest HTTP/1.1");
  assertEquals(status, 200);
}

fault({
  fault: "a handler hangs at SIGTERM",
  promise: "the process ends after timeouts.shutdown, by itself",
  ignore,
}, async (tally) => {
  for (let round = 0; round < times(2, 10); round++) {
    await using server = await Server.launch({ command });
    using client = await Client.begin(server.port, "GET /hangs HTTP/1.1");
    await honestly(server.port);
    tally.inject();
    const { code } = await server.kill("SIGTERM");
    tally.expect(code === 0, () => `exit code ${code}`);
    await client.rest();
  }
});

fault({
  fault: "a handler leaves content unread, or half read",
  promise: "its answer comes, and what is left is no new request",
  ignore,
}, async (tally) => {
  const smuggled = headOf(["GET /streams-for-ever HTTP/1.1"]);
  await withServer(tally, async (server) => {
    for (let round = 0; round < times(10, 200); round++) {
      for (const path of ["/never-reads", "/half-reads"]) {
        for (const length of [1000, 60_000, 1_000_000]) {
          tally.inject();
          const content = new TextEncoder()
            .encode(smuggled.repeat(Math.ceil(length / smuggled.length)));
          const { status, isWhole } = await ask(
            server.port,
            `POST ${path} HTTP/1.1`,
            { content },
          );
          tally.expect(
            status === 200 && isWhole,
            () => `${path} of ${length}: ${status}`,
          );
        }
      }
    }
    const { pulled } = await stateOf(server);
    tally.expect(pulled === 0, () => "content was taken for a request");
  });
});

fault({
  fault: "a handler streams for ever, and its client leaves or resets",
  promise: "the stream is cancelled",
  ignore,
}, async (tally) => {
  await withServer(tally, async (server) => {
    const count = times(20, 500);
    for (let at = 0; at < count; at++) {
      tally.inject();
      if (at % 2 === 0) {
        const head = headOf(["GET /streams-for-ever HTTP/1.1"]);
        await resetAfter(server.port, head, milliseconds(30));
      } else {
        using client = await Client.begin(
          server.port,
          "GET /streams-for-ever HTTP/1.1",
        );
        assert(await client.read(1000));
      }
    }
    await until(server, tally, ({ active }) => active <= 1);
    const { cancelled } = await stateOf(server);
    // A reset may come before the request has been read.
    tally.expect(
      cancelled >= count / 2 && cancelled <= count,
      () => `${cancelled} of ${count} were cancelled`,
    );
  });
});

fault({
  fault: "a handler streams for ever, and its client does not read",
  promise: "no more is pulled than buffers hold",
  ignore,
}, async (tally) => {
  await withServer(tally, async (server) => {
    const before = await memory(server.pid);
    const clients = [];
    for (let at = 0; at < times(20, 200); at++) {
      tally.inject();
      const client = await Client.begin(
        server.port,
        "GET /streams-for-ever HTTP/1.1",
      );
      assert(await client.read(1));
      clients.push(client);
    }
    // Until it stands still: there is no event for what does not happen.
    let last = -1;
    const standsStill = await becomesTrue(async () => {
      const { pulled } = await stateOf(server);
      const isSame = pulled === last;
      last = pulled;
      if (!isSame) await new Promise((resolve) => setTimeout(resolve, 500));
      return isSame;
    });
    tally.expect(standsStill, () => `more and more is pulled: ${last}`);
    const each = last / clients.length / 2 ** 20;
    const held = (await memory(server.pid) - before) / clients.length;
    console.log(
      `${each.toFixed(1)} MiB pulled for each, ${held.toFixed(1)} MiB held`,
    );
    tally.expect(held < 4, () => `${held.toFixed(1)} MiB held for each`);
    for (const client of clients) client[Symbol.dispose]();
  });
});
