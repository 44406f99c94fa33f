/**
 * To be preloaded by a program: whatever port it names, a free one is taken, so
 * that programs can run beside others. It changes nothing else.
 *
 * @module
 */

const { listen, serve } = Deno;

Object.assign(Deno, {
  listen: (options: Deno.ListenOptions) => listen({ ...options, port: 0 }),
  serve: (options: Deno.ServeTcpOptions, handler: Deno.ServeHandler) =>
    serve({ ...options, port: 0 }, handler),
});
