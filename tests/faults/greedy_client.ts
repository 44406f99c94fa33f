/**
 * One client that takes all it can get, as a process of its own: requests without
 * a pause, or connections. It says when it begins, ends by itself, and then says as
 * JSON how often it got which status.
 *
 *     greedy_client.ts requests|connections ADDRESS PORT COUNT SECONDS
 *
 * @module
 */
import type { Socket } from "node:net";
import { connectFrom } from "./addresses.ts";

/** What it has got. */
export interface Takings {
  /** Requests or connections that it has begun. */
  begun: number;
  answered: number;
  refused: number;
  /** The most connections at once that had an answer. */
  open: number;
}

/** Milliseconds from one batch of requests to the next. */
const BATCH = 10;
/** Connections that requests come through. */
const PIPELINES = 8;
/** Milliseconds until a connection that was refused comes again, on average. */
const PAUSE = 1000;

const request = "GET /echo/greedy HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** So many requests a second, in pipelines. */
async function takeRequests(
  { address, port, count, seconds }: Greed,
): Promise<Takings> {
  const takings = { begun: 0, answered: 0, refused: 0, open: 0 };
  const sockets = await Promise.all(
    Array.from({ length: PIPELINES }, () => connectFrom(address, port)),
  );
  takings.open = sockets.length;
  for (const socket of sockets) countStatuses(socket, takings);
  const start = performance.now();
  const end = start + seconds * 1000;
  for (let now = start; now < end; now = performance.now()) {
    // As many as are due by now, however late this turn comes.
    const due = Math.floor((now - start) * count / 1000) - takings.begun;
    const each = Math.floor(due / PIPELINES);
    for (const socket of sockets) socket.write(request.repeat(each));
    takings.begun += each * PIPELINES;
    await turn(BATCH);
  }
  for (const socket of sockets) socket.end();
  await Promise.all(sockets.map(ended));
  return takings;
}

/**
 * So many connections, all the time: within a second of the start, and one that is
 * refused comes again about a second later.
 */
async function takeConnections(
  { address, port, count, seconds }: Greed,
): Promise<Takings> {
  const takings = { begun: 0, answered: 0, refused: 0, open: 0 };
  const end = performance.now() + seconds * 1000;
  const open = new Set<Socket>();
  const admitted = new Set<Socket>();
  const keepOne = async (_: unknown, at: number) => {
    await turn(PAUSE * at / count);
    while (performance.now() < end) {
      takings.begun++;
      const socket = await connectFrom(address, port).catch(() => undefined);
      if (!socket) return;
      if (performance.now() >= end) return void socket.destroy();
      open.add(socket);
      countStatuses(socket, takings);
      socket.write(request);
      socket.once("data", (piece) => {
        if (!String(piece).startsWith("HTTP/1.1 200")) return;
        admitted.add(socket);
        takings.open = Math.max(takings.open, admitted.size);
      });
      await ended(socket);
      open.delete(socket);
      admitted.delete(socket);
      // Not all at the same moment: what that costs is the way of a connection
      // through the system, and a listener's queue of 511.
      await turn(PAUSE * (0.5 + at / count));
    }
  };
  const all = Array.from({ length: count }, keepOne);
  await turn(seconds * 1000);
  for (const socket of open) socket.destroy();
  await Promise.all(all);
  return takings;
}

/** Counts the statuses of answers, none of which has one in its content. */
function countStatuses(socket: Socket, takings: Takings): void {
  let rest = "";
  socket.on("error", () => {});
  socket.on("data", (piece) => {
    const text = rest + String(piece);
    for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
      if (status === "429") takings.refused++;
      else takings.answered++;
    }
    // A status line may be cut anywhere; a whole one is not counted twice.
    rest = /HTTP\/1\.1 \d{3}$/.test(text)
      ? ""
      : /H(?:T(?:T(?:P(?:\/(?:1(?:\.(?:1(?: \d{0,2})?)?)?)?)?)?)?)?$/.exec(text)
        ?.[0] ?? "";
  });
}

function ended(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

function turn(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

interface Greed {
  address: string;
  port: number;
  count: number;
  seconds: number;
}

if (import.meta.main) {
  const [kind, address, ...numbers] = Deno.args;
  const [port, count, seconds] = numbers.map(Number);
  const take = kind === "requests" ? takeRequests : takeConnections;
  console.log("It begins");
  const takings = await take({ address, port, count, seconds });
  console.log(JSON.stringify(takings));
  Deno.exit();
}
