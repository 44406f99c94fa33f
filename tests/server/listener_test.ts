/** Where connections come from: streams, a listener of one's own, Unix, TLS. */

import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type Handler,
  type HttpServer,
  serve,
  type StreamPair,
} from "../../mod.ts";
import { NEXT } from "../support/message_cases.ts";

const isDenied = async (descriptor: Deno.PermissionDescriptor) =>
  (await Deno.permissions.query(descriptor)).state !== "granted";
const noNet = await isDenied({ name: "net" });
const noDisk = await isDenied({ name: "read" }) ||
  await isDenied({ name: "write" });

const hello: Handler = () => new Response("hello");
const octets = (text: string) => new TextEncoder().encode(text);

/** Both ends of a pipe in memory. */
function pipe() {
  const up = new TransformStream<Uint8Array, Uint8Array>();
  const down = new TransformStream<Uint8Array, Uint8Array>();
  return {
    server: { readable: up.readable, writable: down.writable },
    client: { readable: down.readable, writable: up.writable.getWriter() },
  };
}

async function* each<T>(...values: T[]): AsyncGenerator<T> {
  yield* values;
}

Deno.test("streams are served until they end, and then the server", async () => {
  const one = pipe();
  const two = pipe();
  const server = serve(
    { listener: each<StreamPair>(one.server, two.server) },
    async (request) => new Response(`${request.url} ${await request.text()}`),
  );
  assertThrows(() => server.addr, TypeError, "streams have none");
  const send = async ({ client }: typeof one) => {
    await client.writable.write(octets(
      "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n",
    ));
    await client.writable.write(octets("ab" + NEXT));
    await client.writable.close();
  };
  for (const each of [one, two]) {
    const [answer] = await Promise.all([
      new Response(each.client.readable).text(),
      send(each),
    ]);
    assertStringIncludes(answer, "\r\n\r\nhttp://h/a ab");
    assertEquals(answer.split("HTTP/1.1 200 OK").length, 3);
  }
  await server.finished;
});

Deno.test("streams that fail end their connection alone", async () => {
  const fine = pipe();
  const broken: StreamPair = {
    readable: new ReadableStream({
      start: (controller) => controller.error(new Error("broken")),
    }),
    writable: new WritableStream({
      write: () => Promise.reject(new Error("broken")),
    }),
  };
  const strange: StreamPair = {
    readable: new ReadableStream({
      start: (controller) => controller.enqueue("text" as never),
    }),
    writable: new WritableStream(),
  };
  const unreadable: StreamPair = {
    readable: new Blob([NEXT]).stream(),
    writable: new WritableStream({
      write: () => Promise.reject(new Error("broken")),
    }),
  };
  const server = serve(
    { listener: each(broken, strange, unreadable, fine.server) },
    hello,
  );
  fine.client.writable.write(octets(NEXT));
  fine.client.writable.close();
  const answer = await new Response(fine.client.readable).text();
  assertStringIncludes(answer, "hello");
  await server.finished;
});

Deno.test("what brings streams may fail, and bring what is none", async () => {
  const { error } = console;
  const reported: unknown[] = [];
  console.error = (...told: unknown[]) => reported.push(...told);
  try {
    const { server: pair, client } = pipe();
    const locked = pipe().server;
    locked.writable.getWriter();
    const listener = async function* () {
      yield locked;
      yield pair;
      throw new Error("no more");
    };
    const server = serve({ listener: listener() }, hello);
    client.writable.write(octets(NEXT));
    client.writable.close();
    const answer = await new Response(client.readable).text();
    assertStringIncludes(answer, "hello");
    await server.finished;
    assertEquals(reported.map((told) => (told as Error).message), [
      "The stream is already locked",
      "no more",
    ]);
  } finally {
    console.error = error;
  }
});

Deno.test("a shutdown closes streams that say nothing", async () => {
  const { server: pair, client } = pipe();
  const asked = Promise.withResolvers<void>();
  async function* listener() {
    yield pair;
    asked.resolve();
    await new Promise(() => {});
  }
  const server = serve({ listener: listener() }, hello);
  await asked.promise;
  client.writable.closed.catch(() => {});
  await server.shutdown();
  const { done } = await client.readable.getReader().read()
    .catch(() => ({ done: true }));
  assert(done);
});

Deno.test("a listener of one's own", { ignore: noNet }, async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using server = serve({ listener, onListen() {} }, hello);
  assertEquals(server.addr, listener.addr);
  const { port } = server.addr;
  const response = await fetch(`http://127.0.0.1:${port}/`);
  assertEquals(await response.text(), "hello");
});

Deno.test("a Unix socket", {
  ignore: noNet || noDisk || Deno.build.os === "windows",
}, async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/socket`;
  let url = "";
  {
    await using server = serve({ path, onListen() {} }, (request, info) => {
      url = request.url;
      return Response.json(info.remoteAddr.transport);
    });
    assertEquals(server.addr, { transport: "unix", path });
    using conn = await Deno.connect({ transport: "unix", path });
    await conn.write(octets(NEXT));
    await conn.closeWrite();
    assertStringIncludes(await new Response(conn.readable).text(), '"unix"');
  }
  assertStringIncludes(url, "http+unix://h/next");
  await Deno.remove(folder, { recursive: true });
});

const certificate = (name: string) =>
  Deno.readTextFileSync(
    new URL(`certificate/localhost.${name}`, import.meta.url),
  );

Deno.test("TLS", { ignore: noNet || noDisk }, async () => {
  const cert = certificate("crt");
  await using server = serve(
    {
      hostname: "127.0.0.1",
      port: 0,
      cert,
      key: certificate("key"),
      onListen() {},
      timeouts: { idle: 500 },
    },
    (request) => new Response(request.url),
  );
  const { port } = server.addr;
  using client = Deno.createHttpClient({ caCerts: [cert] });
  const url = `https://localhost:${port}/a`;
  const response = await fetch(url, { client });
  assertEquals(await response.text(), url);

  // RFC 9112 §3.2.2: the target counts, and is for another scheme.
  using conn = await Deno.connectTls({
    hostname: "localhost",
    port,
    caCerts: [cert],
  });
  await conn.write(octets("GET http://localhost/ HTTP/1.1\r\nHost: h\r\n\r\n"));
  const buffer = new Uint8Array(12);
  await conn.read(buffer);
  assertEquals(new TextDecoder().decode(buffer), "HTTP/1.1 421");

  // Who speaks in the clear, or says nothing, harms nobody.
  using clear = await Deno.connect({ hostname: "127.0.0.1", port });
  await clear.write(octets(NEXT));
  using _silent = await Deno.connect({ hostname: "127.0.0.1", port });
  assertEquals(await (await fetch(url, { client })).text(), url);
});

/** Takes down what is printed, until it is disposed of. */
function recordLog(): Disposable & { printed: unknown[] } {
  const { error } = console;
  const printed: unknown[] = [];
  console.error = (...told: unknown[]) => printed.push(...told);
  return {
    printed,
    [Symbol.dispose]() {
      console.error = error;
    },
  };
}

Deno.test("a server prints its URL, unless it is given onListen", {
  ignore: noNet || noDisk,
}, async () => {
  using log = recordLog();
  const where = { hostname: "127.0.0.1", port: 0 };
  const pem = { cert: certificate("crt"), key: certificate("key") };
  await using clear = serve(where, hello);
  await using secure = serve({ ...where, ...pem }, hello);
  await using _silent = serve({ ...where, onListen() {} }, hello);
  await using open = serve({ port: 0 }, hello);
  assertEquals(log.printed, [
    `Listening on http://127.0.0.1:${clear.addr.port}/`,
    `Listening on https://127.0.0.1:${secure.addr.port}/`,
    `Listening on http://0.0.0.0:${open.addr.port}/ (http://localhost:${open.addr.port}/)`,
  ]);
});

Deno.test("a server on a Unix socket prints its path", {
  ignore: noNet || noDisk || Deno.build.os === "windows",
}, async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/socket`;
  {
    using log = recordLog();
    await using _server = serve({ path }, hello);
    assertEquals(log.printed, [`Listening on ${path}`]);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("who never shakes hands is counted, and makes room by leaving", {
  ignore: noNet || noDisk,
}, async () => {
  const cert = certificate("crt");
  await using server: HttpServer = serve(
    {
      hostname: "127.0.0.1",
      port: 0,
      cert,
      key: certificate("key"),
      onListen() {},
      limits: { connections: 2 },
    },
    (): Response => Response.json(server.connections),
  );
  const { port } = server.addr;
  const silent = await Deno.connect({ hostname: "127.0.0.1", port });
  using _other = await Deno.connect({ hostname: "127.0.0.1", port });
  using client = Deno.createHttpClient({ caCerts: [cert] });
  const asking = fetch(`https://localhost:${port}/`, { client });
  silent.close();
  assertEquals((await (await asking).json()).active, 1);
});

Deno.test("a listener is not made to speak TLS, nor to listen elsewhere", () => {
  for (const more of [{ cert: "", key: "" }, { key: "" }, { path: "/a" }]) {
    assertThrows(
      () => serve({ listener: each<StreamPair>(), ...more }, hello),
      TypeError,
      `Cannot serve: a listener takes no ${Object.keys(more)[0]}`,
    );
  }
});

Deno.test("TLS needs both parts", () => {
  for (const options of [{ cert: "" }, { key: "" }]) {
    assertThrows(
      () => serve(options, hello),
      TypeError,
      "Cannot serve: TLS needs both cert and key",
    );
  }
});

Deno.test("reusePort: two servers on one port", {
  ignore: noNet || await isDenied({ name: "run" }) ||
    Deno.build.os !== "linux",
}, async () => {
  const program = `
    import { serve } from "${new URL("../../mod.ts", import.meta.url)}";
    const hello = () => new Response("hello");
    const where = { hostname: "127.0.0.1", reusePort: true, onListen() {} };
    await using one = serve({ ...where, port: 0 }, hello);
    const { port } = one.addr;
    await using two = serve({ ...where, port, tcpBacklog: 1 }, hello);
    console.log(await (await fetch(\`http://127.0.0.1:\${port}/\`)).text());
  `;
  for (const [flags, said] of [[["--unstable-net"], "hello"], [[], ""]]) {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", ...flags, program],
    }).output();
    assertEquals(new TextDecoder().decode(stdout).trim(), said);
    const isTold = new TextDecoder().decode(stderr).includes("--unstable-net");
    assertEquals(isTold, said === "");
  }
});

/** Starts a program that serves a request, and leaves the connection open. */
async function askUnreferenced(...args: string[]) {
  const program = new URL("unreferenced.ts", import.meta.url);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-net", program.pathname, ...args],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const port = Number(new TextDecoder().decode(value));
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(octets(NEXT));
  assert(await conn.read(new Uint8Array(1000)));
  const more = reader.read().then(() => reader.releaseLock());
  return { child, conn, more };
}

Deno.test("pairs of streams that are over are let go of", {
  ignore: await isDenied({ name: "run" }),
}, async () => {
  const program = new URL("kept_pairs.ts", import.meta.url);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--v8-flags=--expose-gc", program.pathname],
  }).output();
  const kept = Number(new TextDecoder().decode(stdout));
  // The last ones may still be held by what they have passed through.
  assert(kept < 10, `${kept} of 1000 are kept`);
});

Deno.test("idle: a silent client of streams is not waited for longer", {
  ignore: await isDenied({ name: "run" }),
}, async () => {
  const program = new URL("silent_pair.ts", import.meta.url);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", program.pathname],
  }).output();
  assertEquals(new TextDecoder().decode(stdout), "finished\n");
});

Deno.test("unref: idle connections do not keep the process alive", {
  ignore: noNet || await isDenied({ name: "run" }),
}, async () => {
  const { child, conn, more } = await askUnreferenced();
  assertEquals((await child.status).code, 0);
  await more;
  conn.close();
});

Deno.test("ref: the server keeps the process alive again", {
  ignore: noNet || await isDenied({ name: "run" }),
}, async () => {
  const { child, conn, more } = await askUnreferenced("ref");
  await conn.write(octets(NEXT));
  assert(await conn.read(new Uint8Array(1000)));
  child.kill();
  assertEquals((await child.status).signal, "SIGTERM");
  await more;
  conn.close();
});

Deno.test("a socket that another program has opened is served", {
  ignore: noNet || await isDenied({ name: "run" }),
}, async () => {
  const program = new URL("inherited_descriptor.ts", import.meta.url);
  // As systemd does it: the third descriptor listens already.
  const { stdout } = await new Deno.Command("python3", {
    args: [
      "-c",
      `
import os, socket, subprocess, sys, urllib.request
listening = socket.create_server(("127.0.0.1", 0))
port = listening.getsockname()[1]
os.dup2(listening.fileno(), 3)
os.set_inheritable(3, True)
child = subprocess.Popen(sys.argv[1:], pass_fds=[3])
print(urllib.request.urlopen(f"http://127.0.0.1:{port}/").read().decode())
child.wait()
`,
      Deno.execPath(),
      "run",
      "--no-prompt",
      program.pathname,
    ],
    env: { NO_COLOR: "1" },
    stderr: "inherit",
  }).output();
  assertEquals(new TextDecoder().decode(stdout), "hello\n");
});
