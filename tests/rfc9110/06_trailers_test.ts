import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Handler } from "../../lib/handler.ts";
import { connect, latin1 } from "../support/conversation.ts";

/** A request with these field lines. */
const get = (lines: string, version = "1.1") =>
  `GET / HTTP/${version}\r\nHost: h\r\n${lines}\r\n`;

const TE = "TE: trailers\r\nConnection: TE\r\n";

/** The octets of an answer. */
async function octetsOf(handler: Handler, send: string): Promise<string> {
  const { pipe, done } = connect({ handler });
  pipe.send(send, null);
  await done;
  return pipe.received;
}

/** A body in two chunks; a trailer is set when the last one is made. */
const inChunks: Handler = (_request, info) =>
  new Response(
    new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(latin1("abc"));
      },
      pull(controller) {
        controller.enqueue(latin1("de"));
        info.responseTrailers.set("X-Sum", "5");
        controller.close();
      },
    }),
    { headers: { trailer: "X-Sum" } },
  );

Deno.test("RFC 9110 §6.5.1: trailers follow the content, to who asks for them", async () => {
  for (const te of [TE, "TE: gzip;q=0.5, Trailers\r\n"]) {
    const octets = await octetsOf(inChunks, get(te));
    assertStringIncludes(octets, "\r\ntransfer-encoding: chunked\r\n");
    assertStringIncludes(octets, "\r\ntrailer: X-Sum\r\n");
    assertEquals(
      octets.slice(octets.indexOf("\r\n\r\n")),
      "\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nx-sum: 5\r\n\r\n",
    );
  }
});

Deno.test("RFC 9110 §6.5.1: no trailers to who did not ask for them", async () => {
  for (const te of ["", "TE: gzip\r\n"]) {
    const octets = await octetsOf(inChunks, get(te));
    assertEquals(/\r\n(trailer|x-sum):/.test(octets), false, octets);
    assertEquals(octets.endsWith("\r\n2\r\nde\r\n0\r\n\r\n"), true);
  }
});

Deno.test("RFC 9110 §6.5: no trailers without chunks", async () => {
  const withTrailers = (response: () => Response): Handler => (_, info) => {
    info.responseTrailers.set("a", "b");
    return response();
  };
  const declared = withTrailers(() =>
    new Response("abc", { headers: { "content-length": "3" } })
  );
  const cases: [Handler, string][] = [
    [declared, get(TE)],
    [inChunks, get("TE: trailers\r\n", "1.0")],
    [withTrailers(() => new Response(null, { status: 204 })), get(TE)],
    [withTrailers(() => new Response("x")), get(TE).replace("GET", "HEAD")],
  ];
  for (const [handler, send] of cases) {
    const octets = await octetsOf(handler, send);
    assertEquals(/\n(a: b|x-sum: 5)\r/.test(octets), false, octets);
  }
});

Deno.test("RFC 9110 §6.6.2: trailers that are known before are announced", async () => {
  const octets = await octetsOf((_request, info) => {
    info.responseTrailers.set("A", "b");
    info.responseTrailers.append("A", "c");
    return new Response("abc");
  }, get(TE));
  assertStringIncludes(octets, "\r\ntrailer: a\r\n");
  assertEquals(
    octets.endsWith("\r\n\r\n3\r\nabc\r\n0\r\na: b, c\r\n\r\n"),
    true,
  );
});

/** Fields that are no trailers, by the reason that RFC 9110 §6.5.1 gives. */
const noTrailers = [
  // Message framing and routing.
  ...["connection", "content-length", "keep-alive", "transfer-encoding"],
  ...["trailer", "upgrade"],
  // Response control data, and what is kept of a response.
  ...["age", "cache-control", "date", "expires", "location", "retry-after"],
  ...["set-cookie", "vary"],
  // Authentication.
  ...["proxy-authenticate", "www-authenticate"],
  // How the content is to be processed.
  ...["content-encoding", "content-range", "content-type"],
];

Deno.test("RFC 9110 §6.5.1: what must be known before the content is no trailer", async () => {
  const log = console.error;
  const told: string[] = [];
  console.error = (...parts) => told.push(parts.join(" "));
  try {
    const octets = await octetsOf((_request, info) => {
      for (const name of noTrailers) info.responseTrailers.set(name, "1");
      info.responseTrailers.set("x-sum", "5");
      return new Response("abc");
    }, get(TE));
    assertEquals(octets.endsWith("\r\n0\r\nx-sum: 5\r\n\r\n"), true);
    assertEquals(
      told.toSorted(),
      noTrailers.toSorted().map((name) =>
        `GET /: TypeError: Cannot send ${name} as a trailer: left out`
      ),
    );
  } finally {
    console.error = log;
  }
});

for (
  const name of [
    ...["content-length", "transfer-encoding", "connection"],
    ...["trailer", "upgrade", "keep-alive"],
    ...["content-encoding", "content-range", "content-type"],
    ...["cache-control", "age", "date", "expires", "location", "vary"],
    ...["retry-after", "set-cookie"],
    ...["www-authenticate", "proxy-authenticate"],
  ]
) {
  Deno.test(`RFC 9110 §6.5.1: ${name} is no trailer`, async () => {
    const log = console.error;
    console.error = () => {};
    try {
      const octets = await octetsOf((_request, info) => {
        info.responseTrailers.set(name, "1");
        return new Response("abc");
      }, get(TE));
      assertEquals(octets.endsWith("\r\n0\r\n\r\n"), true, octets);
    } finally {
      console.error = log;
    }
  });
}

Deno.test("RFC 9110 §6.5: an error has none of the trailers that were meant for the answer", async () => {
  const cases: Handler[] = [
    (_request, info) => {
      info.responseTrailers.set("a", "b");
      throw new Error("no");
    },
    (_request, info) => {
      info.responseTrailers.set("a", "b");
      return new Response(null, { status: 101 });
    },
  ];
  for (const handler of cases) {
    const { pipe, done } = connect({
      handler,
      onError: () => new Response("sorry", { status: 500 }),
    });
    pipe.send(get(TE), null);
    await done;
    assertStringIncludes(pipe.received, "HTTP/1.1 500 ");
    assertStringIncludes(pipe.received, "content-length: 5\r\n");
    assertEquals(pipe.received.includes("a: b"), false);
  }
});

Deno.test("RFC 9110 §6.5: the trailers of a request are kept apart from its headers", async () => {
  const octets = await octetsOf(
    async (request, info) => {
      const before = info.requestTrailers;
      const content = await request.text();
      const { requestTrailers } = info;
      return Response.json([
        before ?? "none yet",
        content,
        request.headers.get("a"),
        [...requestTrailers!],
        requestTrailers === info.requestTrailers,
      ]);
    },
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "3\r\nabc\r\n0\r\nA: b\r\nA: c\r\n\r\n",
  );
  assertEquals(
    octets.split("\r\n\r\n")[1],
    '["none yet","abc",null,[["a","b, c"]],true]',
  );
});

Deno.test("RFC 9110 §6.5: content without chunks has no trailers", async () => {
  const octets = await octetsOf(async (request, info) => {
    await request.text();
    return new Response(String(info.requestTrailers));
  }, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  assertEquals(octets.split("\r\n\r\n")[1], "undefined");
});
