/**
 * A server with routes, to be traced: prints its port, and ends when its input
 * does.
 *
 *     deno run --allow-net=127.0.0.1 traced.ts [TRUSTED_ADDRESS]
 *
 * @module
 */
import { type PortableInfo, serve } from "../../mod.ts";
import { type Route, route } from "../../lib/router/mod.ts";

const tracer = Deno.telemetry.tracerProvider.getTracer("own");

const routes: Route<PortableInfo>[] = [
  {
    method: "GET",
    pattern: "/notes/:id",
    handler: async () => {
      // After a wait, too, a span is a child of the request's.
      await new Promise((resolve) => setTimeout(resolve, 1));
      return tracer.startActiveSpan("own", (span: { end(): void }) => {
        span.end();
        return new Response("a note");
      });
    },
  },
  {
    pattern: "/broken",
    handler: () => {
      throw new TypeError("on purpose");
    },
  },
];

await using _server = serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(port),
  onError: () => new Response(null, { status: 500 }),
  trustProxy: (hostname) => hostname === Deno.args[0],
}, route(routes));

for await (const _ of Deno.stdin.readable);
