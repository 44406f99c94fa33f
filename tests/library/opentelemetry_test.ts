/** Spans by an SDK of OpenTelemetry that registers itself, as in a program on Node. */

import { assertEquals } from "@std/assert";
import { context, propagation, SpanKind, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { serve } from "../../mod.ts";
import { route } from "../../lib/router/mod.ts";

Deno.test("an SDK that registers itself gets the spans, with their parents", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(
    new AsyncLocalStorageContextManager().enable(),
  );
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  try {
    const handler = route([{
      method: "GET",
      pattern: "/notes/:id",
      handler: async () => {
        await new Promise((resolve) => setTimeout(resolve, 0));
        return trace.getTracer("own").startActiveSpan("own", (span) => {
          span.end();
          return new Response("a note");
        });
      },
    }]);
    const server = serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen() {},
      trustProxy: (hostname) => hostname === "127.0.0.1",
    }, handler);
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const parentId = "00f067aa0ba902b7";
    const url = `http://127.0.0.1:${server.addr.port}/notes/7`;
    const response = await fetch(url, {
      headers: { traceparent: `00-${traceId}-${parentId}-01` },
    });
    await response.body?.cancel();
    await server.shutdown();

    const [own, request] = exporter.getFinishedSpans();
    assertEquals([request.name, request.kind], [
      "GET /notes/:id",
      SpanKind.SERVER,
    ]);
    assertEquals(request.attributes["http.response.status_code"], 200);
    assertEquals(request.parentSpanContext?.spanId, parentId);
    assertEquals(own.parentSpanContext?.spanId, request.spanContext().spanId);
    assertEquals(own.spanContext().traceId, traceId);
  } finally {
    trace.disable();
    context.disable();
    propagation.disable();
  }
});
