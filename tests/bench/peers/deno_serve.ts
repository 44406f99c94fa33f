/**
 * The same handlers under `Deno.serve`, and one for the files of a site: open,
 * stat, stream.
 *
 *     deno run --allow-net --allow-read --allow-write deno_serve.ts PORT HANDLER [SITE]
 *
 * @module
 */
import { webHandler } from "./web_handlers.ts";

const [port, name, site] = Deno.args;
const echo = await webHandler("echo");

function serveSite(request: Request): Response | Promise<Response> {
  const { pathname } = new URL(request.url);
  if (!pathname.startsWith("/files/")) return echo(request);
  const path = site + decodeURIComponent(pathname);
  return request.method === "POST" ? store(request, path) : send(path);
}

async function send(path: string): Promise<Response> {
  const file = await Deno.open(path);
  const { size } = await file.stat();
  return new Response(file.readable, {
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(size),
    },
  });
}

/** Durable before the answer, as the others do it. */
async function store(request: Request, path: string): Promise<Response> {
  const part = `${path}.part`;
  using file = await Deno.open(part, { write: true, create: true });
  await request.body?.pipeTo(file.writable, { preventClose: true });
  await file.sync();
  await Deno.rename(part, path);
  return new Response(null, { status: 201 });
}

Deno.serve(
  { hostname: "127.0.0.1", port: Number(port), onListen() {} },
  name === "site" ? serveSite : await webHandler(name),
);
