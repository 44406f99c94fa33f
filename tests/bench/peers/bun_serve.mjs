// The same handlers under Bun.serve; files as its documentation sends them.
//   bun bun_serve.mjs PORT HANDLER [SITE]
import { webHandler } from "./web_handlers.ts";

const { Bun } = globalThis;
const [port, name, site] = process.argv.slice(2);

const serveSite = (request) =>
  new Response(
    Bun.file(site + decodeURIComponent(new URL(request.url).pathname)),
  );

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  fetch: name === "site" ? serveSite : await webHandler(name),
});
