/**
 * Clients that many use: fetch of Deno and of Node, curl, undici. What few
 * servers offer arrives: trailers, 103, a refusal before the content, half a
 * close.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connect } from "node:net";
import { Agent, request, upgrade } from "undici";
import { type Handler, HttpError, serve } from "../../mod.ts";

const handler: Handler = async (request, info) => {
  switch (new URL(request.url).pathname) {
    case "/hints":
      await info.sendInformational(103, { link: "</a.css>; rel=preload" });
      return new Response("hinted");
    case "/trailers": {
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          controller.enqueue(new TextEncoder().encode("content"));
          info.responseTrailers.set("x-sum", "7");
          controller.close();
        },
      });
      return new Response(body, { headers: { trailer: "x-sum" } });
    }
    case "/their-trailers":
      await request.text();
      return Response.json([...info.requestTrailers ?? []]);
    case "/upgrade": {
      const { response, socket } = info.upgrade({ protocol: "echo" });
      socket.readable.pipeTo(socket.writable).catch(() => {});
      return response;
    }
    case "/refuse":
      throw new HttpError(413, "Too much");
    default:
      return new Response(await request.text());
  }
};

async function withServer(use: (url: string, port: number) => Promise<void>) {
  await using server = serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    handler,
  );
  await use(`http://127.0.0.1:${server.addr.port}`, server.addr.port);
}

async function run(command: string, ...args: string[]): Promise<string> {
  const { stdout, stderr, success } = await new Deno.Command(command, { args })
    .output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stderr));
  return decoder.decode(stdout);
}

/** Runs a program in Node, which prints JSON. */
async function node(program: string, ...args: string[]): Promise<unknown> {
  return JSON.parse(
    await run("node", "--input-type=module", "-e", program, ...args),
  );
}

Deno.test("Deno's fetch: past 103, to the content", () =>
  withServer(async (url) => {
    assertEquals(await (await fetch(`${url}/hints`)).text(), "hinted");
    assertEquals(await (await fetch(`${url}/trailers`)).text(), "content");
  }));

Deno.test("Node's fetch: past 103, to the content, and refused early", () =>
  withServer(async (url) => {
    const results = await node(
      `const url = process.argv[1];
      const text = async (path, init) => {
        const response = await fetch(url + path, init);
        return [response.status, await response.text()];
      };
      console.log(JSON.stringify([
        await text("/hints"),
        await text("/trailers"),
        await text("/echo", { method: "POST", body: "hello" }),
      ]));`,
      url,
    );
    assertEquals(results, [[200, "hinted"], [200, "content"], [200, "hello"]]);
  }));

Deno.test("node:http: 103, trailers both ways, and a refusal before the content", () =>
  withServer(async (url) => {
    const results = await node(
      `import http from "node:http";
      const url = process.argv[1];
      const ask = (path, options, send = (request) => request.end()) =>
        new Promise((resolve, reject) => {
          const told = {};
          const request = http.request(url + path, { ...options, agent: false });
          request.on("information", ({ statusCode, headers }) => told.interim = [statusCode, headers.link]);
          request.on("continue", () => told.invited = true);
          request.on("response", (response) => {
            let text = "";
            response.on("data", (data) => text += data);
            response.on("end", () => {
              resolve({ ...told, status: response.statusCode, text, trailers: response.trailers });
              request.destroy();
            });
          });
          request.on("error", reject);
          send(request);
        });
      console.log(JSON.stringify([
        await ask("/hints", {}),
        await ask("/trailers", { headers: { te: "trailers", connection: "te" } }),
        await ask("/their-trailers", { method: "POST", headers: { trailer: "x-a" } }, (request) => {
          request.write("content");
          request.addTrailers({ "x-a": "b" });
          request.end();
        }),
        await ask("/refuse", { method: "POST", headers: { expect: "100-continue", "content-length": 1e9 } },
          (request) => request.flushHeaders()),
      ]));`,
      url,
    );
    assertEquals(results, [
      {
        interim: [103, "</a.css>; rel=preload"],
        status: 200,
        text: "hinted",
        trailers: {},
      },
      { status: 200, text: "content", trailers: { "x-sum": "7" } },
      { status: 200, text: '[["x-a","b"]]', trailers: {} },
      {
        status: 413,
        text:
          "413 Content Too Large: The content is larger than 10485760 octets (limits.content)\n",
        trailers: {},
      },
    ]);
  }));

Deno.test("undici: trailers, and 103", {
  // It has a clock of its own, which goes on for a while.
  sanitizeOps: false,
  sanitizeResources: false,
}, () =>
  withServer(async (url) => {
    const interim: number[] = [];
    const dispatcher = new Agent();
    const { body, trailers } = await request(`${url}/trailers`, {
      headers: { te: "trailers" },
      dispatcher,
    });
    assertEquals(await body.text(), "content");
    assertEquals(trailers, { "x-sum": "7" });
    const hinted = await request(`${url}/hints`, {
      dispatcher,
      onInfo: ({ statusCode }) => interim.push(statusCode),
    });
    assertEquals(await hinted.body.text(), "hinted");
    assertEquals(interim, [103]);
    await dispatcher.destroy();
  }));

Deno.test("node:http: an upgrade, and octets back and forth", () =>
  withServer(async (url) => {
    const results = await node(
      `import http from "node:http";
      const request = http.request(process.argv[1] + "/upgrade", {
        headers: { connection: "upgrade", upgrade: "echo" },
      });
      request.on("upgrade", ({ statusCode, headers }, socket) => {
        let text = "";
        socket.on("data", (data) => text += data);
        socket.on("end", () => console.log(JSON.stringify([statusCode, headers.upgrade, text])));
        socket.write("hello ");
        socket.end("again");
      });
      request.end();`,
      url,
    );
    assertEquals(results, [101, "echo", "hello again"]);
  }));

Deno.test("undici: an upgrade", {
  sanitizeOps: false,
  sanitizeResources: false,
}, () =>
  withServer(async (url) => {
    const { headers, socket } = await upgrade(`${url}/upgrade`, {
      protocol: "echo",
    });
    assertEquals(headers.upgrade, "echo");
    socket.end("hello");
    let text = "";
    for await (const octets of socket) text += octets;
    assertEquals(text, "hello");
  }));

Deno.test("curl: 103, trailers, and no content to who refuses it", () =>
  withServer(async (url) => {
    assertStringIncludes(
      await run("curl", "-si", `${url}/hints`),
      "HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n",
    );
    assertStringIncludes(
      await run("curl", "-s", "--raw", "-H", "TE: trailers", `${url}/trailers`),
      "0\r\nx-sum: 7\r\n\r\n",
    );
    const file = await Deno.makeTempFile();
    await Deno.truncate(file, 9_000_000);
    const sent = await run(
      ...["curl", "-s", "-o", "/dev/null", "-T", file] as const,
      ...["-H", "Expect: 100-continue", "-w", "%{http_code} %{size_upload}"],
      `${url}/refuse`,
    );
    await Deno.remove(file);
    assertEquals(sent, "413 0");
  }));

Deno.test("node:net: who has closed its half is answered", () =>
  withServer(async (_url, port) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.end("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
    let text = "";
    for await (const octets of socket) text += octets;
    assert(text.endsWith("\r\n\r\nhi"), text);
  }));
