/**
 * A whole connection: octets in, answers out, over a pipe.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { ConnectionLost, HttpError } from "../../lib/errors.ts";
import { Deadlines } from "../../lib/server/client_timeouts.ts";
import type { Exchange } from "../../lib/observer.ts";
import { connect, parseAnswers } from "../support/conversation.ts";
import { narrowLimits } from "./narrow_limits.ts";
import { readMessages } from "./wire_level.ts";

/** Never to be mistaken: what the handler below answers holds no CRLF. */
const interim = "HTTP/1.1 100 Continue\r\n\r\n";

/** Time stands still, so nothing is ever too slow. */
class StoppedDeadlines extends Deadlines {
  constructor() {
    super(() => 0);
    // Nobody sweeps: a timer for each of a million connections costs too much.
    this.create = () => ({
      start() {},
      stop() {},
      isRunning: false,
      release() {},
    });
  }
}
const deadlines = new StoppedDeadlines();

/** Serves a connection. One line for each final answer. */
export async function serveMessages(arrivals: string[]): Promise<string[]> {
  const unexpected: unknown[] = [];
  const { pipe, exchanges, done } = connect({
    handler: answerVariously,
    limits: narrowLimits,
    deadlines,
    onError(error) {
      unexpected.push(error);
      return new Response(null, { status: 500 });
    },
  });
  pipe.send(...arrivals, null);
  await done;
  for (const { error } of exchanges) {
    const isExpected = error === undefined || error instanceof HttpError ||
      error instanceof ConnectionLost;
    if (!isExpected) unexpected.push(error);
  }
  if (unexpected.length > 0) throw unexpected[0];
  assert(pipe.isClosed, "The connection was left open");

  await compareWithWire(arrivals, exchanges);

  const methods = exchanges.map(({ method }) => method ?? "GET");
  const answers = parseAnswers(pipe.received.replaceAll(interim, ""), methods);
  return answers.map(({ status, fields, content }, index) => {
    assert(status >= 200, "Only 100 was called for");
    assert(fields.date !== undefined, "An answer has no Date");
    const isLast = index === answers.length - 1;
    assert(isLast || fields.connection !== "close", "It went on after close");
    // Of two rules that are broken either may be told, as long as it is refused.
    const told = status < 400 ? content : "";
    return JSON.stringify([status, fields.connection, told]);
  });
}

/**
 * What a handler leaves unread must not be taken for a request: those that are
 * served are those that the wire finds, in order, and no others.
 */
async function compareWithWire(
  arrivals: string[],
  exchanges: Exchange[],
): Promise<void> {
  const found = await readMessages(arrivals);
  assert(exchanges.length <= found.length, "It served what is no request");
  exchanges.forEach(({ method, requestTarget }, index) => {
    if (found[index].startsWith("refused")) return;
    const [[foundMethod, foundTarget]] = JSON.parse(found[index]);
    assertEquals([method, requestTarget], [foundMethod, foundTarget]);
  });
}

/** What it does with the content, and how it answers, the method decides. */
async function answerVariously(request: Request): Promise<Response> {
  switch (request.method) {
    case "DELETE":
      return new Response("not read");
    case "PUT":
      await readThree(request);
      return new Response("read in part");
    case "OPTIONS":
      throw new HttpError(403, "Nothing here");
    case "PATCH":
      await request.bytes();
      return new Response(null, { status: 204 });
    default:
      return await describe(request);
  }
}

async function readThree({ body }: Request): Promise<void> {
  const reader = body?.getReader({ mode: "byob" });
  await reader?.read(new Uint8Array(3), { min: 3 });
  reader?.releaseLock();
}

async function describe(request: Request): Promise<Response> {
  const { method, url, headers } = request;
  const content = [...await request.bytes()];
  const told = JSON.stringify([method, url, [...headers], content]);
  if (!url.includes("?")) return new Response(told);
  // Of a length that can't be known: chunked, or until the close in HTTP/1.0.
  let turn = 0;
  return new Response(
    new ReadableStream({
      async pull(controller) {
        for (let wait = 0; wait < 20; wait++) await undefined;
        if (turn++ === 2) controller.close();
        else controller.enqueue(new TextEncoder().encode(told));
      },
    }),
  );
}
