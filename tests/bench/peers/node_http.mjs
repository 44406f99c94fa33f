// The same handlers on node:http, as somebody would write them for it.
//   node node_http.mjs PORT HANDLER [SITE]
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { textOfSize } from "./texts.mjs";

const [port, name, site] = process.argv.slice(2);
const plain = { "content-type": "text/plain" };

function echo(request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  if (!pathname.startsWith("/echo/")) {
    response.writeHead(404, plain).end("Not found\n");
    return;
  }
  const text = decodeURIComponent(pathname.slice("/echo/".length));
  response.writeHead(200, plain).end(text);
}

function hello(_request, response) {
  response.writeHead(200, { ...plain, "cache-control": "no-store" })
    .end("Hello, world!\n");
}

async function measure(request, response) {
  let text = "";
  request.setEncoding("utf8");
  for await (const piece of request) text += piece;
  response.writeHead(200, plain).end(`${text.length}\n`);
}

async function parse(request, response) {
  let json = "";
  request.setEncoding("utf8");
  for await (const piece of request) json += piece;
  response.writeHead(200, plain).end(`${JSON.parse(json).length}\n`);
}

const gzip = (size) => {
  const content = textOfSize(size);
  return (_request, response) => {
    response.writeHead(200, { ...plain, "content-encoding": "gzip" });
    const coder = createGzip();
    coder.pipe(response);
    coder.end(content);
  };
};

async function serveSite(request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  if (!pathname.startsWith("/files/")) return echo(request, response);
  const path = site + decodeURIComponent(pathname);
  const { size } = await stat(path);
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "content-length": size,
  });
  await pipeline(createReadStream(path), response);
}

const handlers = {
  echo,
  hello,
  measure,
  parse,
  "gzip-1k": gzip(2 ** 10),
  "gzip-1m": gzip(2 ** 20),
  site: serveSite,
};
const handler = handlers[name];

// It would close what has been idle for 5 s; the others wait longer.
createServer({ keepAliveTimeout: 65_000 }, async (request, response) => {
  try {
    await handler(request, response);
  } catch {
    response.destroy();
  }
}).listen(Number(port), "127.0.0.1");
