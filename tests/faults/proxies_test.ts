/**
 * Whatever goes beyond a request and its response, through real proxies: uploads
 * that can be resumed, interim responses, other protocols, trailers. Each request
 * is answered, and what the proxy passes on stands in the tables here.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { serve } from "../../lib/server/serve.ts";
import { route } from "../../lib/router/router.ts";
import type { Handler } from "../../lib/handler.ts";
import { freePort } from "../bench/processes.ts";
import { hasTool, startHaproxy, startNginx } from "./proxies.ts";
import { mayRun, Server } from "./server.ts";

/** Milliseconds: a request that takes longer hangs. A proxy waits for more. */
const patience = 10_000;

const announced = "Upload-Draft-Interop-Version: 8";
const forwarded = "proxy_set_header X-Forwarded-For $remote_addr;";
/** What nginx's own page on WebSockets says. */
const upgrading = "proxy_set_header Upgrade $http_upgrade; " +
  "proxy_set_header Connection upgrade;";
/** What it says of `keepalive`. */
const keepAlive = 'proxy_set_header Connection "";';

interface Proxy {
  name: string;
  tool: "nginx" | "haproxy" | undefined;
  start: (port: number, behind: number) => Promise<AsyncDisposable>;
  /** Whether the server gets to know that there is a proxy. */
  isSeen: boolean;
  /**
   * What becomes of an interim response. nginx takes it for the final one, and
   * what follows for its content: that passes if the connection ends with it, and
   * else nginx waits for its end.
   */
  interim: "passes" | "dropped" | "hangs";
  /** What passes of a request's and of a response's trailers. */
  passesTrailers: boolean;
  /** What comes of a request for another protocol. */
  upgrade: "101" | "426";
}

function nginx(name: string, settings: string, isSeen: boolean): Proxy {
  return {
    name: `nginx, ${name}`,
    tool: "nginx",
    start: (port, behind) =>
      startNginx(
        port,
        `location / {
      proxy_pass http://127.0.0.1:${behind};
      proxy_read_timeout 60s;
      ${settings}
    }`,
      ),
    isSeen,
    // A server sends none to a client of HTTP/1.0.
    interim: !settings.includes("1.1")
      ? "dropped"
      : settings.includes("Connection")
      ? "hangs"
      : "passes",
    passesTrailers: false,
    upgrade: settings.includes("Upgrade") ? "101" : "426",
  };
}

function haproxy(name: string, options: string, isSeen: boolean): Proxy {
  return {
    name: `HAProxy, ${name}`,
    tool: "haproxy",
    start: (port, behind) =>
      startHaproxy(port, `server one 127.0.0.1:${behind}`, options),
    isSeen,
    interim: "passes",
    passesTrailers: true,
    upgrade: "101",
  };
}

const proxies: Proxy[] = [
  {
    name: "no proxy",
    tool: undefined,
    start: () => Promise.reject(new Error("There is none")),
    isSeen: false,
    interim: "passes",
    passesTrailers: true,
    upgrade: "101",
  },
  nginx("as it is", "", false),
  nginx("HTTP/1.1", "proxy_http_version 1.1;", false),
  nginx(
    "HTTP/1.1 and connections kept",
    `proxy_http_version 1.1; ${keepAlive}`,
    false,
  ),
  nginx(
    "HTTP/1.1 and X-Forwarded-For",
    `proxy_http_version 1.1; ${forwarded}`,
    true,
  ),
  nginx(
    "HTTP/1.1, X-Forwarded-For and upgrades",
    `proxy_http_version 1.1; ${forwarded} ${upgrading}`,
    true,
  ),
  nginx(
    "HTTP/1.1, X-Forwarded-For and connections kept",
    `proxy_http_version 1.1; ${forwarded} ${keepAlive}`,
    true,
  ),
  haproxy("as it is", "", false),
  haproxy("option forwardfor", "option forwardfor", true),
];

/** Sends a request, and all there is of the answer comes back. */
async function ask(
  port: number,
  lines: string[],
  { content = "", after }: {
    content?: string;
    /** What is sent once something has come. */
    after?: string;
  } = {},
): Promise<{ text: string; statuses: string[]; took: number }> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const begun = performance.now();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    conn.close();
  }, patience);
  const head = [...lines, "Host: localhost", "", ""].join("\r\n");
  const encoder = new TextEncoder();
  let text = "";
  try {
    await conn.write(encoder.encode(head + content));
    const buffer = new Uint8Array(65_536);
    for (let count; (count = await conn.read(buffer)) !== null;) {
      text += new TextDecoder().decode(buffer.subarray(0, count));
      if (after) await conn.write(encoder.encode(after));
      after = undefined;
      if (text.endsWith("that is all")) break;
    }
  } catch (error) {
    if (isLate) throw new Error(`${lines[0]} hangs after ${text}`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
  const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)]
    .map(([, status]) => status);
  return { text, statuses, took: Math.round(performance.now() - begun) };
}

async function makeDirectory(): Promise<string> {
  return await Deno.realPath(await Deno.makeTempDir());
}

for (const proxy of proxies) {
  const ignore = !mayRun ||
    proxy.tool !== undefined && !await hasTool(proxy.tool);

  Deno.test(`${proxy.name}: resumable uploads are answered`, {
    ignore,
  }, async (t) => {
    const directory = await makeDirectory();
    await using server = await Server.start(directory);
    const port = proxy.tool ? freePort() : server.port;
    await using _proxy = proxy.tool && await proxy.start(port, server.port);
    const times: string[] = [];
    const mayAnnounce = proxy.isSeen || proxy.interim !== "hangs";
    for (const version of mayAnnounce ? [[], [announced]] : [[]]) {
      for (const method of ["PUT", "POST"]) {
        for (const complete of ["?0", "?1"]) {
          const { statuses, text, took } = await ask(port, [
            `${method} /files/${method}${complete.at(-1)} HTTP/1.1`,
            `Upload-Complete: ${complete}`,
            "Content-Length: 3",
            "Connection: close",
            ...version,
          ], { content: "abc" });
          const isAgain = method === "PUT" && complete === "?1" &&
            version.length > 0;
          const isTold = version.length > 0 && !proxy.isSeen &&
            proxy.interim === "passes";
          assertEquals(statuses, [
            ...isTold ? ["104"] : [],
            isAgain ? "204" : "201",
          ], `${method} ${complete} ${version}: ${text}`);
          if (complete === "?0") assertMatch(text, /^location: \/uploads\//m);
          times.push(`${method} ${complete} ${took}`);
        }
      }
    }
    console.log(`${t.name}, in ms: ${times.join(", ")}`);
    await server.kill("SIGTERM");
    await Deno.remove(directory, { recursive: true });
  });

  Deno.test(`${proxy.name}: an upload goes on as the page has it`, {
    ignore,
  }, async () => {
    const directory = await makeDirectory();
    await using server = await Server.start(directory);
    const port = proxy.tool ? freePort() : server.port;
    await using _proxy = proxy.tool && await proxy.start(port, server.port);
    const origin = `http://127.0.0.1:${port}`;
    const signal = AbortSignal.timeout(patience);
    const begun = await fetch(`${origin}/files/a`, {
      method: "PUT",
      headers: { "upload-complete": "?0", "upload-length": "6" },
      signal,
    });
    assertEquals(begun.status, 201);
    await begun.body?.cancel();
    const location = origin + begun.headers.get("location");
    for (const [offset, part] of [[0, "abc"], [3, "def"]] as const) {
      const more = await fetch(location, {
        method: "PATCH",
        headers: {
          "content-type": "application/partial-upload",
          "upload-offset": `${offset}`,
          "upload-complete": offset === 3 ? "?1" : "?0",
        },
        body: part,
        signal,
      });
      assertEquals(more.status, offset === 3 ? 201 : 204);
      await more.body?.cancel();
      const head = await fetch(location, { method: "HEAD", signal });
      assertEquals(head.headers.get("upload-offset"), `${offset + 3}`);
    }
    assertEquals(await Deno.readTextFile(`${directory}/a`), "abcdef");
    await server.kill("SIGTERM");
    await Deno.remove(directory, { recursive: true });
  });

  Deno.test(`${proxy.name}: interim responses, protocols and trailers`, {
    ignore,
  }, async () => {
    await using server = serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      features,
    );
    const behind = server.addr.port;
    const port = proxy.tool ? freePort() : behind;
    await using _proxy = proxy.tool && await proxy.start(port, behind);
    const close = "Connection: close";

    if (proxy.interim !== "hangs") {
      const hints = await ask(port, ["GET /hints HTTP/1.1", close]);
      const passed = proxy.interim === "passes" ? ["103"] : [];
      assertEquals(hints.statuses, [...passed, "200"]);
      assertMatch(hints.text, /hinted$/);
    }

    const upgrade = await ask(port, [
      "GET /upgrade HTTP/1.1",
      "Connection: upgrade",
      "Upgrade: echo",
    ], { after: "that is all" });
    assertEquals(upgrade.statuses, [proxy.upgrade]);
    assertMatch(upgrade.text, /that is all$/);

    const content = await ask(port, [
      "PUT /content HTTP/1.1",
      "Content-Length: 3",
      "Expect: 100-continue",
      close,
    ], { after: "abc" });
    assertEquals(content.statuses, ["100", "200"]);
    assertMatch(content.text, /abc, no trailers(?:\r\n0\r\n\r\n)?$/);

    const trailers = await ask(port, [
      "PUT /content HTTP/1.1",
      "Transfer-Encoding: chunked",
      "Trailer: X-Sum",
      "TE: trailers",
      "Connection: TE, close",
    ], { content: "3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n" });
    assertEquals(trailers.statuses, ["200"]);
    const [, received] = trailers.text.split("\r\n\r\n");
    assertMatch(
      received,
      proxy.passesTrailers ? /abc, 7\b/ : /abc, no trailers/,
    );
    assertEquals(/^x-length: 6\r$/m.test(trailers.text), proxy.passesTrailers);
  });
}

/** One route for each feature that not every proxy knows. */
const features: Handler = route([
  {
    method: "GET",
    pattern: new URLPattern({ pathname: "/hints" }),
    handler: async (_request, info) => {
      await info.sendInformational(103, { link: "</a.css>; rel=preload" });
      return new Response("hinted");
    },
  },
  {
    method: "GET",
    pattern: new URLPattern({ pathname: "/upgrade" }),
    handler: (request, info) => {
      if (!request.headers.has("upgrade")) {
        const headers = { connection: "close" };
        return new Response("that is all", { status: 426, headers });
      }
      const { response, socket } = info.upgrade({ protocol: "echo" });
      socket.readable.pipeTo(socket.writable).catch(() => {});
      return response;
    },
  },
  {
    method: "PUT",
    pattern: new URLPattern({ pathname: "/content" }),
    handler: async (request, info) => {
      const text = await request.text();
      const sum = info.requestTrailers?.get("x-sum") ?? "no trailers";
      const body = new ReadableStream({
        pull(controller) {
          controller.enqueue(new TextEncoder().encode(`${text}, ${sum}`));
          info.responseTrailers.set("x-length", `${text.length + 3}`);
          controller.close();
        },
      });
      return new Response(body, { headers: { trailer: "x-length" } });
    },
  },
]);

Deno.test("nginx that keeps connections, and says nothing, breaks on any 1xx", {
  ignore: !await hasTool("nginx"),
}, async () => {
  // What `sendInformational` warns of: should this fail, nginx has learnt it.
  await using server = serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    features,
  );
  const port = freePort();
  await using _nginx = await startNginx(
    port,
    `location / {
      proxy_pass http://127.0.0.1:${server.addr.port};
      proxy_http_version 1.1;
      proxy_read_timeout 1s;
      ${keepAlive}
    }`,
  );
  const { statuses, text } = await ask(port, ["GET /hints HTTP/1.1"]);
  assertEquals(statuses, ["103"]);
  assertEquals(text.includes("hinted"), false);
});
