/** What an observer is told, and that nothing is wrapped where there is none. */

import { assert, assertEquals } from "@std/assert";
import { serve } from "../../mod.ts";
import type { Observer } from "../../lib/observer.ts";
import { latin1, text } from "../support/conversation.ts";
import { NEXT } from "../support/message_cases.ts";

const POST = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";

/** Sends these octets to a server in memory. @returns its answers. */
async function ask(octets: string, observer?: Observer): Promise<string> {
  const down = new TransformStream<Uint8Array, Uint8Array>();
  const pair = {
    readable: new Blob([octets]).stream(),
    writable: down.writable,
  };
  async function* listener() {
    yield pair;
  }
  const server = serve(
    { listener: listener(), observer },
    async (request) => new Response(await request.text()),
  );
  const answers = await new Response(down.readable).text();
  await server.finished;
  return answers;
}

/** An observer that writes down all that it is told. */
function notebook() {
  const notes = { received: "", sent: "", moves: [] as string[] };
  const ends: { received: number; sent: number }[] = [];
  const observer: Observer = {
    connection: () => ({
      received: (octets) => notes.received += text(octets),
      sent: (octets) => notes.sent += text(octets),
      moved(to, position) {
        notes.moves.push(to);
        if (to === "idle") ends.push(position);
      },
    }),
  };
  return { notes, ends, observer };
}

Deno.test("an observer is told of every octet and every move", async () => {
  const { notes, observer } = notebook();
  const answers = await ask(POST + NEXT, observer);
  assertEquals(notes.received, POST + NEXT);
  assertEquals(notes.sent, answers);
  assertEquals(notes.moves, [
    ...["reading head", "handling", "responding", "idle"],
    ...["reading head", "handling", "responding", "idle"],
    ...["lingering", "closed"],
  ]);
});

Deno.test("an observer hears of the client's FIN, if it wants to", async () => {
  const order: string[] = [];
  await ask(NEXT, {
    connection: () => ({
      received() {},
      sent: () => order.push("sent"),
      moved: (to) => order.push(to),
      ended: () => order.push("ended"),
    }),
  });
  assertEquals(order.filter((event) => event === "ended").length, 1);
  assert(order.indexOf("ended") < order.indexOf("lingering"), `${order}`);
});

Deno.test("the positions cut pipelined octets into exchanges", async () => {
  const { notes, ends, observer } = notebook();
  const requests = [NEXT, POST, NEXT];
  await ask(requests.join(""), observer);
  const cut = (octets: string, key: "received" | "sent") =>
    ends.map((end, at) => octets.slice(ends[at - 1]?.[key] ?? 0, end[key]));
  assertEquals(cut(notes.received, "received"), requests);
  const answers = cut(notes.sent, "sent");
  assertEquals(answers.length, 3);
  assert(answers.every((answer) => answer.startsWith("HTTP/1.1 200 OK\r\n")));
  assert(answers[1].endsWith("\r\n\r\nabc"));
});

Deno.test("an observer that fails changes nothing", async () => {
  const fail = () => {
    throw new Error("It broke");
  };
  const failing: Observer[] = [
    { connection: fail },
    { connection: () => ({ received: fail, sent: fail, moved: fail }) },
  ];
  const reports: unknown[] = [];
  const { error } = console;
  console.error = (...parts) => reports.push(parts);
  try {
    for (const observer of failing) {
      const answers = await ask(POST + NEXT, observer);
      assertEquals(answers.split("HTTP/1.1 200 OK\r\n").length, 3);
    }
  } finally {
    console.error = error;
  }
  assert(reports.length > 2, `${reports.length}`);
});

Deno.test("an observed connection is read no sooner than the handler reads", async () => {
  const { observer } = notebook();
  assertEquals(await readBeforeHandler(undefined), 1);
  assertEquals(await readBeforeHandler(observer), 1);
});

/** Sends a request in three arrivals. @returns how many were taken unread. */
async function readBeforeHandler(observer?: Observer): Promise<number> {
  const arrivals = [POST.slice(0, -3), "ab", "c"];
  const readable = new ReadableStream<Uint8Array>({
    pull(controller) {
      const arrival = arrivals.shift();
      if (arrival === undefined) controller.close();
      else controller.enqueue(latin1(arrival));
    },
  }, { highWaterMark: 0 });
  const down = new TransformStream<Uint8Array, Uint8Array>();
  async function* listener() {
    yield { readable, writable: down.writable };
  }
  let taken = 0;
  const server = serve({ listener: listener(), observer }, async (request) => {
    // Many turns of the event loop, in which a greedy reader would go on.
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    taken = 3 - arrivals.length;
    return new Response(await request.text());
  });
  const answer = await new Response(down.readable).text();
  assert(answer.endsWith("\r\n\r\nabc"), answer);
  await server.finished;
  return taken;
}

Deno.test("without an observer nothing is wrapped", async () => {
  const plain = await streamsMade(undefined);
  assertEquals(plain, await streamsMade(undefined));
  assertEquals(await streamsMade(notebook().observer), plain + 1);
});

/** How many streams are made to serve one connection. */
async function streamsMade(observer: Observer | undefined): Promise<number> {
  const Original = ReadableStream;
  let count = 0;
  globalThis.ReadableStream = new Proxy(Original, {
    construct(target, args) {
      count++;
      return Reflect.construct(target, args);
    },
  });
  try {
    await ask(NEXT, observer);
  } finally {
    globalThis.ReadableStream = Original;
  }
  return count;
}
