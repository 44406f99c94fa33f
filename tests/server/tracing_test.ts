/** Spans of requests, as a collector gets them by the protocol of OpenTelemetry. */

import { assert, assertEquals } from "@std/assert";
import { serve } from "../../mod.ts";

/** A span in OTLP's JSON. */
interface Span {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  kind: number;
  attributes: Attribute[];
  status?: { code?: number };
}

interface Attribute {
  key: string;
  value: Record<string, string | number>;
}

interface Export {
  resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
}

/** A collector, until it is disposed of. */
function collect() {
  const spans: Span[] = [];
  const server = serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { resourceSpans }: Export = await request.json();
      spans.push(
        ...resourceSpans.flatMap(({ scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) => spans)
        ),
      );
      return Response.json({});
    },
  );
  return {
    spans,
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Starts the program, asks it, and ends it. @returns its spans. */
async function spansOf(
  ask: (port: number) => Promise<unknown>,
  { isOn = true, trusted = "nobody" } = {},
): Promise<Span[]> {
  await using collector = collect();
  const program = new URL("traced.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-net=127.0.0.1", program, trusted],
    env: {
      NO_COLOR: "1",
      OTEL_DENO: `${isOn}`,
      OTEL_DENO_METRICS: "false",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value: port } = await output.read();
  await ask(Number(port));
  // What is left is exported at the end.
  await child.stdin.close();
  await Promise.all([child.status, output.cancel()]);
  return collector.spans;
}

/** The attributes of a span, by name. */
function attributesOf({ attributes }: Span): Record<string, string> {
  return Object.fromEntries(
    // Deno has no whole numbers: they come as doubleValue.
    attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]),
  );
}

async function get(url: string, headers?: HeadersInit): Promise<number> {
  const { status, body } = await fetch(url, { headers });
  await body?.cancel();
  return status;
}

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const parent = "00f067aa0ba902b7";
const traceparent = `00-${trace}-${parent}-01`;

const SERVER = 2;
const ERROR = 2;

const ignore = (await Promise.all([
  Deno.permissions.query({ name: "run" }),
  Deno.permissions.query({ name: "net" }),
])).some(({ state }) => state !== "granted");

Deno.test(
  "a request is a span with its route, and what the handler does in it a child",
  {
    ignore,
  },
  async () => {
    const spans = await spansOf(
      (port) =>
        get(`http://127.0.0.1:${port}/notes/7?token=secret`, {
          traceparent,
          "user-agent": "test",
        }),
      { trusted: "127.0.0.1" },
    );
    const [request] = spans.filter(({ kind }) => kind === SERVER);
    const [own] = spans.filter(({ name }) => name === "own");
    assertEquals(spans.length, 2);
    assertEquals(request.name, "GET /notes/:id");
    assertEquals([request.traceId, request.parentSpanId], [trace, parent]);
    assertEquals([own.traceId, own.parentSpanId], [trace, request.spanId]);
    const { "server.port": port, ...attributes } = attributesOf(request);
    assert(Number(port) > 0);
    assertEquals(attributes, {
      "http.request.method": "GET",
      "http.response.status_code": "200",
      "http.route": "/notes/:id",
      "url.scheme": "http",
      "url.path": "/notes/7",
      "server.address": "127.0.0.1",
      "client.address": "127.0.0.1",
      "network.peer.address": "127.0.0.1",
      "user_agent.original": "test",
    });
  },
);

Deno.test("a client that is not trusted chooses no trace", {
  ignore,
}, async () => {
  const spans = await spansOf(async (port) => {
    await get(`http://127.0.0.1:${port}/notes/7`, { traceparent });
    await get(`http://127.0.0.1:${port}/notes/8`, { traceparent });
  });
  const requests = spans.filter(({ kind }) => kind === SERVER);
  assertEquals(requests.map(({ parentSpanId }) => parentSpanId ?? ""), [
    "",
    "",
  ]);
  const traces = new Set([trace, ...requests.map(({ traceId }) => traceId)]);
  assertEquals(traces.size, 3);
});

Deno.test("a trusted proxy's nonsense is no parent", { ignore }, async () => {
  const spans = await spansOf(async (port) => {
    for (const wrong of ["", "00-1-2-3", `${traceparent}, ${traceparent}`]) {
      await get(`http://127.0.0.1:${port}/notes/7`, { traceparent: wrong });
    }
  }, { trusted: "127.0.0.1" });
  const requests = spans.filter(({ kind }) => kind === SERVER);
  assertEquals(requests.map(({ parentSpanId }) => parentSpanId ?? ""), [
    "",
    "",
    "",
  ]);
});

Deno.test("spans tell of errors, and of requests that no handler has seen", {
  ignore,
}, async () => {
  const spans = await spansOf(async (port) => {
    assertEquals(await get(`http://127.0.0.1:${port}/broken`), 500);
    assertEquals(await get(`http://127.0.0.1:${port}/none`), 404);
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(
      new TextEncoder().encode("GET / HTTP/1.1\r\nX : y\r\n\r\n"),
    );
    await new Response(conn.readable).text();
    using other = await Deno.connect({ hostname: "127.0.0.1", port });
    await other.write(new TextEncoder().encode(
      "MINE / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    ));
    await new Response(other.readable).text();
  });
  const told = spans.map((span) => {
    const attributes = attributesOf(span);
    return [
      span.name,
      attributes["http.request.method"],
      attributes["http.response.status_code"],
      attributes["error.type"],
      span.status?.code === ERROR,
    ];
  });
  assertEquals(told, [
    ["GET /broken", "GET", "500", "TypeError", true],
    ["GET", "GET", "404", undefined, false],
    ["GET", "GET", "400", undefined, false],
    ["HTTP", "_OTHER", "501", "501", true],
  ]);
});

Deno.test(
  "without OpenTelemetry nothing is told",
  {
    ignore,
  },
  async () => {
    const spans = await spansOf(
      (port) => get(`http://127.0.0.1:${port}/notes/7`),
      { isOn: false },
    );
    assertEquals(spans, []);
  },
);
