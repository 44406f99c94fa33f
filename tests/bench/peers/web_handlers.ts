/**
 * Handlers of web types, as a user writes them: the same for every server that
 * takes such.
 *
 * @module
 */
import { honoApp } from "./hono_app.mjs";
import { textOfSize } from "./texts.mjs";

type WebHandler = (request: Request) => Response | Promise<Response>;

const plain = { "content-type": "text/plain" };

function echo(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (!pathname.startsWith("/echo/")) {
    return new Response("Not found\n", { status: 404 });
  }
  const text = decodeURIComponent(pathname.slice("/echo/".length));
  return new Response(text, { headers: plain });
}

function hello(): Response {
  return new Response("Hello, world!\n", {
    headers: { ...plain, "cache-control": "no-store" },
  });
}

async function measure(request: Request): Promise<Response> {
  const text = await request.text();
  return new Response(`${text.length}\n`, { headers: plain });
}

async function parse(request: Request): Promise<Response> {
  const text: string = await request.json();
  return new Response(`${text.length}\n`, { headers: plain });
}

/** The text, for a server that compresses it on its own. */
export const text = (size: number): WebHandler => {
  const content = textOfSize(size);
  return () => new Response(content, { headers: plain });
};

const gzip = (size: number): WebHandler => {
  const content = textOfSize(size);
  return () => {
    const coded = new Response(content).body!
      .pipeThrough(new CompressionStream("gzip"));
    const headers = { ...plain, "content-encoding": "gzip" };
    return new Response(coded, { headers });
  };
};

async function hono(path: string): Promise<WebHandler> {
  const { Hono } = await import(path);
  const app = honoApp(Hono);
  return (request) => app.fetch(request);
}

/**
 * A handler by its name on the command line; that of an application on Hono is
 * `hono:` and the path of Hono's module.
 */
export async function webHandler(name: string): Promise<WebHandler> {
  const [, path] = /^hono:(.*)$/.exec(name) ?? [];
  if (path !== undefined) return await hono(path);
  switch (name) {
    case "echo":
      return echo;
    case "hello":
      return hello;
    case "measure":
      return measure;
    case "parse":
      return parse;
    case "gzip-1k":
      return gzip(2 ** 10);
    case "gzip-1m":
      return gzip(2 ** 20);
    default:
      throw new Error(`Cannot find a handler: got "${name}"`);
  }
}
