/**
 * Tells, at the moment when a command listens, whose `Response` it has by then.
 *
 *     deno run --preload watched_response.ts main.ts
 *
 * @module
 */
const native = Response;
const { listen } = Deno;
function watched(options: Deno.TcpListenOptions): Deno.Listener {
  console.error(`Response is ${Response === native ? "native" : "lazy"}`);
  return listen(options);
}

Object.defineProperty(Deno, "listen", { value: watched });
