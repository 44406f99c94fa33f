// The endpoints of the command on node:http, as somebody would write them.
//   node node_http.mjs PORT DIRECTORY
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";

const [port, directory] = process.argv.slice(2);

function send(response, status, content, fields = {}) {
  const octets = Buffer.from(content, "latin1");
  response.writeHead(status, {
    "content-type": "text/plain",
    "content-length": octets.length,
    ...fields,
  });
  response.end(octets);
}

function echo(request, response, text) {
  if (!acceptsGzip(request.headers["accept-encoding"] ?? "")) {
    return send(response, 200, text, { vary: "accept-encoding" });
  }
  const octets = gzipSync(Buffer.from(text, "latin1"));
  send(response, 200, octets.toString("latin1"), {
    vary: "accept-encoding",
    "content-encoding": "gzip",
  });
}

function acceptsGzip(field) {
  return field.toLowerCase().split(",").some((member) => {
    const [coding, weight = "q=1"] = member.split(";").map((it) => it.trim());
    return ["gzip", "x-gzip"].includes(coding) && Number(weight.slice(2)) > 0;
  });
}

async function download(response, path) {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return send(response, 404, "not found\n");
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "content-length": found.size,
  });
  await pipeline(createReadStream(path), response);
}

async function upload(request, response, path) {
  await pipeline(request, createWriteStream(path));
  send(response, 201, "");
}

const routes = [
  [/^\/$/, { GET: (_, response) => send(response, 200, "hello\n") }],
  [/^\/echo\/(.*)$/, { GET: echo }],
  [/^\/user-agent$/, {
    GET: (request, response) =>
      send(response, 200, request.headers["user-agent"] ?? ""),
  }],
  [/^\/files\/([\w-]+)$/, {
    GET: (_, response, name) => download(response, join(directory, name)),
    POST: (request, response, name) =>
      upload(request, response, join(directory, name)),
  }],
];

async function answer(request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  for (const [pattern, methods] of routes) {
    const match = pattern.exec(pathname);
    if (!match) continue;
    const method = request.method === "HEAD" ? "GET" : request.method;
    if (methods[method]) {
      return await methods[method](request, response, match[1]);
    }
    const allow = [...Object.keys(methods), "HEAD", "OPTIONS"].join(", ");
    return send(response, method === "OPTIONS" ? 200 : 405, "", { allow });
  }
  send(response, request.url === "*" ? 200 : 404, "");
}

createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
}).listen(Number(port), "127.0.0.1");
