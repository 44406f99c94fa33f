/** Clients that say nothing, break off, never end, or do not speak HTTP. */

import { assertEquals } from "@std/assert";
import { Client, headOf } from "./client.ts";
import { fault, type Tally } from "./fault.ts";
import { times } from "./form.ts";
import { becomesTrue, descriptors, memory } from "./holdings.ts";
import { milliseconds, resetAfter } from "./reset.ts";
import { chances, mayRun, namesIn, noise, Server } from "./server.ts";
import { honest } from "./honest.ts";

const ignore = !mayRun || Deno.build.os !== "linux";
const chance = chances(20261126);

/** Runs a server, and expects that it holds afterwards what it held before. */
async function withServer(
  tally: Tally,
  use: (server: Server, directory: string) => Promise<void>,
  ...args: string[]
): Promise<void> {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  await Deno.writeFile(`${directory}/a.bin`, noise(20 * 2 ** 20, 1));
  await using server = await Server.start(directory, ...args);
  await honest(server.port, tally);
  const before = await descriptors(server.pid);
  await use(server, directory);
  await honest(server.port, tally);
  let after = 0;
  const isBack = async () => (after = await descriptors(server.pid)) <= before;
  tally.expect(
    await becomesTrue(isBack),
    () => `${before} descriptors before, ${after} afterwards`,
  );
  assertEquals((await server.kill("SIGTERM")).code, 0);
  await Deno.remove(directory, { recursive: true });
}

fault({
  fault: "silent connections, more than --max-connections",
  promise: "new clients are served, and nothing is left of the silent ones",
  ignore,
}, async (tally) => {
  await withServer(tally, async ({ port }) => {
    const clients: Client[] = [];
    while (clients.length < times(400, 4000)) {
      tally.inject();
      clients.push(await Client.connect(port));
      if (clients.length % 50 === 0) await honest(port, tally);
    }
    for (const client of clients) client[Symbol.dispose]();
  }, ...["--max-connections", "200"]);
});

/** Requests that a reset may hit anywhere. */
const requests = [
  "GET /echo/a HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "GET /echo/a HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(50),
  "GET /echo/a HTTP/1.1\r\nHo",
  "GET /files/a.bin HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "GET /files/a.bin HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-9,20-\r\n\r\n",
  "PUT /files/b.bin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nabc",
  "POST /files/b.bin HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" +
  "5\r\nab",
  "GET /echo/a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n" +
  "Content-Length: 5\r\n\r\n",
];

fault({
  fault: "the client resets the connection at any moment",
  promise: "nothing is stored, nothing is left open, others are served",
  ignore,
}, async (tally) => {
  await withServer(tally, async ({ port }, directory) => {
    for (let round = 0; round < times(25, 500); round++) {
      await Promise.all(requests.map(async (request) => {
        tally.inject();
        await resetAfter(port, request, milliseconds(chance() * 20));
      }));
      await honest(port, tally);
    }
    const names = async () => (await namesIn(directory)).join();
    tally.expect(
      await becomesTrue(async () => await names() === "a.bin"),
      () => "something was stored",
    );
  });
});

/** A message that does not end: how it begins, and what comes again and again. */
interface Endless {
  begin: string;
  again: string;
  /** What the server may say of it; 0 where it may only close. */
  statuses: number[];
}

const put = headOf(["PUT /files/b.bin HTTP/1.1", "Transfer-Encoding: chunked"]);
const endless: Record<string, Endless> = {
  "a request line": {
    begin: "GET /",
    again: "a".repeat(8192),
    statuses: [414],
  },
  "a method": { begin: "", again: "A".repeat(8192), statuses: [400, 414, 501] },
  "empty lines": { begin: "", again: "\r\n".repeat(4096), statuses: [0, 400] },
  "field lines": {
    begin: "GET / HTTP/1.1\r\nHost: localhost\r\n",
    again: "a: b\r\n".repeat(1000),
    statuses: [431],
  },
  "one field line": {
    begin: "GET / HTTP/1.1\r\nHost: localhost\r\na: ",
    again: "b".repeat(8192),
    statuses: [431],
  },
  "chunks": {
    begin: put,
    again: `2000\r\n${"a".repeat(8192)}\r\n`,
    statuses: [413],
  },
  "chunks of an octet": {
    begin: put,
    again: "1\r\na\r\n".repeat(2000),
    statuses: [400, 413],
  },
  "a chunk extension": {
    begin: `${put}1;`,
    again: "a".repeat(8192),
    statuses: [400],
  },
  "zeros of a chunk size": {
    begin: put,
    again: "0".repeat(8192),
    statuses: [400],
  },
  "trailers": {
    begin: `${put}0\r\n`,
    again: "a: b\r\n".repeat(1000),
    statuses: [400, 431],
  },
  "content that nobody reads": {
    begin: headOf(["GET /echo/a HTTP/1.1", "Transfer-Encoding: chunked"]),
    again: `2000\r\n${"a".repeat(8192)}\r\n`,
    statuses: [200],
  },
};

/** More than limits and the buffers of a connection hold. */
const most = 64 * 2 ** 20;

/** @returns the status that stops it; 0 for the end, -1 if nothing does. */
async function sendEndless(
  port: number,
  begin: string,
  again: string,
): Promise<number> {
  using client = await Client.connect(port);
  let status: number | undefined;
  const answering = client.next().then((answer) => status = answer.status);
  let sent = await client.send(begin);
  while (status === undefined) {
    sent += await client.send(again);
    if (sent > most) return -1;
  }
  return await answering;
}

fault({
  fault: "heads, content and trailers that never end",
  promise: "each is refused after a bounded number of octets, and memory is " +
    "bounded",
  ignore,
}, async (tally) => {
  await withServer(tally, async ({ port, pid }) => {
    const before = await memory(pid);
    for (let round = 0; round < times(2, 20); round++) {
      for (
        const [name, { begin, again, statuses }] of Object.entries(endless)
      ) {
        tally.inject();
        const status = await sendEndless(port, begin, again);
        tally.expect(statuses.includes(status), () => `${name}: ${status}`);
      }
    }
    const peak = await memory(pid, "VmHWM");
    console.log(`${before.toFixed()} MiB before, ${peak.toFixed()} at most`);
    tally.expect(peak < before + 64, () => `${peak.toFixed()} MiB at most`);
  }, ...["--max-body", "1m"]);
});

/** What is sent before FIN, and what comes back. */
const halves: Record<string, number> = {
  "": 0,
  "GET /ec": 400,
  "GET /echo/a HTTP/1.1\r\nHost: localhost\r\n": 400,
  "GET /echo/a HTTP/1.1\r\nHost: localhost\r\n\r\n": 200,
  "GET /files/a.bin HTTP/1.1\r\nHost: localhost\r\n\r\n": 200,
  "PUT /files/b.bin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab":
    400,
  "PUT /files/b.bin HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n":
    400,
};

fault({
  fault: "the client sends FIN, in the midst of a request or after it",
  promise: "a whole request gets its whole answer; a part is not acted on",
  ignore,
}, async (tally) => {
  await withServer(tally, async ({ port }, directory) => {
    for (let round = 0; round < times(5, 50); round++) {
      for (const [request, expected] of Object.entries(halves)) {
        tally.inject();
        using client = await Client.connect(port);
        await client.send(request);
        await client.endSending();
        const { status, isWhole } = await client.rest();
        const isRight = expected === 200
          ? status === 200 && isWhole
          : status === expected || status === 0;
        tally.expect(
          isRight,
          () => `${JSON.stringify(request)}: ${status}, whole: ${isWhole}`,
        );
      }
    }
    const names = await namesIn(directory);
    tally.expect(names.length === 1, () => "something was stored");
  });
});

fault({
  fault: "octets that are no HTTP",
  promise: "400 or another refusal, or the end; no other client notices",
  ignore,
}, async (tally) => {
  const octets = noise(2 ** 20, 20261127);
  await withServer(tally, async ({ port }) => {
    for (let round = 0; round < times(300, 10_000); round++) {
      tally.inject();
      using client = await Client.connect(port);
      const length = 1 + Math.floor(chance() * 4000);
      const from = Math.floor(chance() * (octets.length - length));
      await client.send(octets.subarray(from, from + length));
      await client.endSending();
      const { status } = await client.rest();
      tally.expect(
        status === 0 || status >= 400 && status < 600 && status !== 500,
        () => `octets ${from} to ${from + length}: ${status}`,
      );
      if (round % 50 === 0) await honest(port, tally);
    }
  });
});
