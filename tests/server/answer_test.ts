/**
 * An answer has the same octets on both roads: at once, whether its head is
 * remembered or not, and in parts.
 */

import { assert, assertEquals } from "@std/assert";
import { contentAtHand } from "../../lib/lazy/lazy_response.ts";
import type { ResponseParts } from "../../lib/lazy/response_parts.ts";
import {
  answerAtOnce,
  type Answered,
  type Answering,
  answerInParts,
  openAnswer,
} from "../../lib/server/answer.ts";
import { AnswerHeads } from "../../lib/server/answer.ts";
import { Deadlines } from "../../lib/server/client_timeouts.ts";
import { toErrorResponse } from "../../lib/server/error_response.ts";
import { WriteBuffer } from "../../lib/server/write_buffer.ts";
import { BufferBudget } from "../../lib/transfer_buffer.ts";
import {
  connect,
  latin1,
  parseAnswers,
  Pipe,
} from "../support/conversation.ts";
import { responseOf } from "../lazy/lazy.ts";

type Make = () => Response;

/** What a request says, as far as it matters to its answer. */
type Asked = Partial<Pick<Answered, "method" | "minorVersion" | "trailers">> & {
  mayPersist?: boolean;
};

/** All that is seen of an answer. */
interface Outcome {
  octets: string;
  persists: boolean | undefined;
  status: number | undefined;
  sent: number;
  errors: string[];
}

type Answer = (
  response: Response,
  exchange: Answered,
  buffer: WriteBuffer,
  answering: Answering,
) => boolean | undefined | Promise<boolean>;

async function outcomeOf(
  answer: Answer,
  make: Make,
  asked: Asked,
  heads: AnswerHeads,
): Promise<Outcome> {
  const errors: string[] = [];
  const { error } = console;
  console.error = (...told) => errors.push(told.join(" "));
  const answering: Answering = {
    heads,
    budget: new BufferBudget(1 << 20),
    errorResponse: toErrorResponse,
    onError: (error) => {
      errors.push(String(error));
      return new Response(null, { status: 500 });
    },
  };
  const exchange: Answered = {
    method: asked.method ?? "GET",
    minorVersion: asked.minorVersion ?? 1,
    isWaiting: false,
    trailers: asked.trailers,
    mayPersist: () => asked.mayPersist ?? true,
    sent: 0,
  };
  const pipe = new Pipe();
  const deadline = new Deadlines().create(() => {});
  const buffer = new WriteBuffer(pipe, deadline, 1000);
  try {
    const persists = await answer(make(), exchange, buffer, answering);
    await buffer.flush();
    const { status, sent } = exchange;
    assertEquals(buffer.gathered, pipe.received.length);
    return { octets: pipe.received, persists, status, sent, errors };
  } finally {
    deadline.release();
    console.error = error;
  }
}

const inParts: Answer = async (response, exchange, buffer, answering) => {
  const answer = await openAnswer(response, exchange, answering);
  const flush = () => buffer.flush();
  return await answerInParts(answer, exchange, buffer, flush);
};

/** As a server does. */
const eitherWay: Answer = (response, exchange, buffer, answering) =>
  answerAtOnce(response, exchange, buffer, answering.heads) ??
    inParts(response, exchange, buffer, answering);

/** Whether Deno shows what a Response holds: else only lazy ones go at once. */
const isOpen = contentAtHand(new Response("a")) === "a";

const atOnce: Answer = (response, exchange, buffer, answering) =>
  isOpen
    ? answerAtOnce(response, exchange, buffer, answering.heads)
    : eitherWay(response, exchange, buffer, answering);

/** Not the first second of the clock, in which nothing is made anew. */
const START = Date.UTC(2026, 10, 23, 11, 8, 36);

/** Runs with a clock that stands still until it is set. */
async function withClock(
  run: (set: (milliseconds: number) => void) => Promise<void>,
): Promise<void> {
  const { now } = Date;
  const set = (milliseconds: number) => Date.now = () => milliseconds;
  set(START);
  try {
    await run(set);
  } finally {
    Date.now = now;
  }
}

const asked: [string, Asked][] = [
  ["a GET", {}],
  ["a HEAD", { method: "HEAD" }],
  ["HTTP/1.0", { minorVersion: 0 }],
  ["HTTP/1.0 that closes", { minorVersion: 0, mayPersist: false }],
  ["one that closes", { mayPersist: false }],
  ["one that takes trailers, and gets none", { trailers: () => undefined }],
];

const texts: [string, string][] = [
  ["no text", ""],
  ["text", "abc"],
  ["text of ten", "0123456789"],
  ["text of 127", "a".repeat(127)],
  ["text of 129", "a".repeat(129)],
  ["text of 7 KiB", "a".repeat(7 * 1024)],
  ["text of 8 KiB", "a".repeat(8 * 1024)],
  ["text of 20 KiB", "a".repeat(20 * 1024)],
  ["text beyond ASCII", "abc\xe4\u20ac\u{1f600}"],
  ["long text beyond ASCII", "a".repeat(1000) + "\xe4"],
  ["larger text beyond ASCII", "a".repeat(20_000) + "\u20ac"],
  ["text with half a pair", "\ud800"],
];

const lines: Record<string, [string, string][]> = {
  "no fields": [],
  "some fields": [["content-type", "text/html"], ["x-a", "b"]],
  "a date": [["date", "Sun, 22 Nov 2026 11:08:36 GMT"], ["x-a", "b"]],
  "a field beyond ASCII": [["x-octet", "\xe4\xff"]],
  "the server's fields": [
    ["connection", "Close"],
    ["keep-alive", "timeout=5"],
    ["transfer-encoding", "chunked"],
  ],
  "another option of Connection": [["connection", "x-a"], ["x-a", "b"]],
  "Upgrade": [["upgrade", "a/1"]],
  "Trailer": [["trailer", "x-a"]],
  "a long field": [["x-long", "b".repeat(5000)]],
  "a longer field": [["x-long", "b".repeat(17_000)]],
};

const native: [string, Make][] = [
  ...texts.map(([name, text]): [string, Make] => [
    name,
    () => new Response(text),
  ]),
  ...Object.entries(lines).map(([name, headers]): [string, Make] => [
    name,
    () => new Response("abc", { headers }),
  ]),
  ...[204, 205, 304].map((status): [string, Make] => [
    `a bare ${status}`,
    () => new Response(null, { status, headers: { etag: '"a"' } }),
  ]),
  [
    "a 304 with a length",
    () =>
      new Response(null, {
        status: 304,
        headers: { "content-length": "12345" },
      }),
  ],
  ["a status without a name", () => new Response("a", { status: 599 })],
  ["a reason", () => new Response("a", { statusText: "Fine \xe4" })],
  ["no body", () => new Response()],
  ["no octets", () => new Response(new Uint8Array())],
  ["octets", () => new Response(latin1("\0\x80\xff"))],
  ["many octets", () => new Response(new Uint8Array(10_000))],
  ["JSON", () => Response.json({ a: "\xe4" })],
  ["JSON with fields", () => Response.json([], { headers: { "X-A": "b" } })],
  ["a redirection", () => Response.redirect("http://localhost/a?b", 307)],
  [
    "the length that it has",
    () => new Response("a\xe4", { headers: { "content-length": "3" } }),
  ],
  [
    "a length that is stale",
    () => new Response("abc", { headers: { "content-length": "2" } }),
  ],
  [
    "a length of no body",
    () => new Response(null, { headers: { "content-length": "3" } }),
  ],
  ["names in any case and order, some twice", () =>
    new Response("a", {
      headers: [
        ["X-B", "1"],
        ["Set-Cookie", "a=b"],
        ["X-A", "2"],
        ["x-b", "3"],
        ["set-cookie", "c=d"],
      ],
    })],
  ["fields that were changed", () => {
    const response = new Response("a", { headers: { "X-A": "b", "x-c": "d" } });
    response.headers.set("x-a", "e");
    response.headers.append("x-a", "f");
    response.headers.delete("x-c");
    return response;
  }],
];

const lazy: [string, Make][] = [
  ...texts.map(([name, content]) => ({
    name,
    status: 200,
    lines: [],
    content,
  })),
  ...Object.entries(lines).map(([name, lines]) => ({
    name,
    status: 404,
    lines,
    content: "abc",
  })),
  { name: "204", status: 204, lines: [["etag", '"a"']], content: null },
  { name: "304", status: 304, lines: [["content-length", "7"]], content: null },
  {
    name: "octets",
    status: 200,
    lines: [["content-length", "2"]],
    content: latin1("\0\xff"),
  },
].map(({ name, ...parts }): [string, Make] => [
  `lazy: ${name}`,
  () => responseOf(parts as Partial<ResponseParts>),
]);

for (const [kind, asks] of asked) {
  Deno.test(`to ${kind} both roads send the same`, () =>
    withClock(async (setClock) => {
      const heads = new AnswerHeads();
      for (const [name, make] of [...native, ...lazy]) {
        // The one that goes out in chunks.
        if (asks.trailers && name.includes("Trailer")) continue;
        const expected = await outcomeOf(inParts, make, asks, heads);
        assertEquals(expected.errors, []);
        setClock(START);
        for (const memory of ["new", "made before", "remembered"]) {
          const memories = memory === "new" ? new AnswerHeads() : heads;
          const seen = await outcomeOf(atOnce, make, asks, memories);
          // A large octets is nothing to print.
          assert(seen.octets === expected.octets, `${name}, ${memory} head`);
          assertEquals(seen, { ...expected, octets: seen.octets }, name);
        }
        setClock(START + 1000);
        const later = await outcomeOf(atOnce, make, asks, heads);
        const octets = name.includes("a date")
          ? expected.octets
          : expected.octets.replace("11:08:36", "11:08:37");
        assert(later.octets === octets, `${name}, a second later`);
        setClock(START);
      }
    }));
}

Deno.test("both roads send what is expected", () =>
  withClock(async () => {
    const make = () =>
      new Response("a\xe4", { headers: { "X-B": "c", "upgrade": "d" } });
    for (const answer of [atOnce, inParts]) {
      const asks = { minorVersion: 0 };
      const heads = new AnswerHeads();
      assertEquals(await outcomeOf(answer, make, asks, heads), {
        octets:
          "HTTP/1.1 200 OK\r\ncontent-type: text/plain;charset=UTF-8\r\n" +
          "upgrade: d\r\nx-b: c\r\ndate: Mon, 23 Nov 2026 11:08:36 GMT\r\n" +
          "content-length: 3\r\nconnection: keep-alive, upgrade\r\n\r\n" +
          "a\xc3\xa4",
        persists: true,
        status: 200,
        sent: 3,
        errors: [],
      });
    }
  }));

const notAtOnce: [string, Make, Asked?][] = [
  ["a stream", () => new Response(ReadableStream.from([latin1("abc")]))],
  ["a blob", () => new Response(new Blob(["abc"]))],
  [
    "a length that is no number",
    () => new Response("abc", { headers: { "content-length": "+3" } }),
  ],
  ["a network error", () => Response.error()],
  [
    "no status",
    () => responseOf({ status: 1000, content: "a" }),
  ],
  [
    "a control",
    () => responseOf({ lines: [["a", "\n"]], content: "" }),
  ],
  ["trailers", () => new Response("abc"), {
    trailers: () => new Headers({ "x-a": "b" }),
  }],
  [
    "trailers that are announced",
    () => new Response("abc", { headers: { "trailer": "x-a" } }),
    {
      trailers: () => new Headers({ "x-a": "b" }),
    },
  ],
  ["a body that was read", () => {
    const response = new Response("abc");
    response.body?.cancel();
    return response;
  }],
];

for (const [name, make, asks = {}] of notAtOnce) {
  const title = `${name}: only one road is open, and the other leaves no trace`;
  Deno.test(title, { ignore: !isOpen }, () =>
    withClock(async () => {
      const heads = new AnswerHeads();
      const closed = await outcomeOf(atOnce, make, asks, heads);
      const nothing = { octets: "", persists: undefined, status: undefined };
      assertEquals(closed, { ...nothing, sent: 0, errors: [] });
      const seen = await outcomeOf(eitherWay, make, asks, heads);
      const fresh = new AnswerHeads();
      assertEquals(seen, await outcomeOf(inParts, make, asks, fresh));
      assert(seen.octets !== "");
    }));
}

Deno.test("heads are told apart, and more of them than are remembered", () =>
  withClock(async () => {
    const makes: Make[] = [];
    for (let index = 0; index < 12; index++) {
      for (const [status, statusText] of [[200, ""], [200, "x"], [201, ""]]) {
        const init = { status: status as number, statusText: `${statusText}` };
        const headers = { "x-index": String(index) };
        makes.push(() => new Response("a", { ...init, headers }));
      }
      makes.push(() => responseOf({ content: "a" }));
    }
    const heads = new AnswerHeads();
    // Each after each other: some remembered, most forgotten.
    for (const first of makes) {
      for (const make of [first, makes[0], first, makes[5]]) {
        const expected = await outcomeOf(inParts, make, {}, new AnswerHeads());
        assertEquals(await outcomeOf(atOnce, make, {}, heads), expected);
      }
    }
  }));

Deno.test("a head is remembered as it was, whatever a handler does to its response", () =>
  withClock(async () => {
    const heads = new AnswerHeads();
    const response = new Response(null, { headers: { "x-a": "b" } });
    const first = await outcomeOf(atOnce, () => response, {}, heads);
    response.headers.set("x-a", "c");
    const second = await outcomeOf(atOnce, () => response, {}, heads);
    assertEquals(second.octets, first.octets.replace("x-a: b", "x-a: c"));
    const again = new Response(null, { headers: { "x-a": "b" } });
    assertEquals(await outcomeOf(atOnce, () => again, {}, heads), first);
  }));

Deno.test("what a response says of itself goes before what it was made of", () =>
  withClock(async () => {
    class Teapot extends Response {
      override get status() {
        return 418;
      }
      override get headers() {
        return new Headers({ "x-a": "b" });
      }
    }
    const heads = new AnswerHeads();
    const { octets } = await outcomeOf(atOnce, () => new Teapot(), {}, heads);
    assert(octets.startsWith("HTTP/1.1 418 I'm a teapot\r\nx-a: b\r\n"));
  }));

const twice: Record<string, Make> = {
  "text": () => new Response("abc"),
  "text beyond ASCII": () => new Response("\xe4"),
  "octets": () => new Response(latin1("abc")),
  "a stream": () => new Response(ReadableStream.from([latin1("abc")])),
  "a lazy response": () => responseOf({ content: "abc" }),
};
for (const [name, make] of Object.entries(twice)) {
  Deno.test(`${name} is sent once, and not again`, async () => {
    const errors: unknown[] = [];
    const response = make();
    const { pipe, done } = connect({
      handler: () => response,
      onError: (error) => {
        errors.push(error);
        return new Response(null, { status: 500 });
      },
    });
    pipe.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(2), null);
    await done;
    const answers = parseAnswers(pipe.received, ["GET", "GET"]);
    assertEquals(answers.map(({ status }) => status), [200, 500]);
    assertEquals(errors.map(String), [
      "TypeError: Cannot send a body that was read",
    ]);
  });
}
