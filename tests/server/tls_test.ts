/** TLS: handshakes that stall or are none, renewal, and how connections end. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { generateKeyPairSync } from "node:crypto";
import { connect as connectByNode } from "node:tls";
import {
  type Handler,
  type HttpServer,
  serve,
  type ServeOptions,
} from "../../mod.ts";
import type { Exchange } from "../../lib/observer.ts";
import { canServe, settingsFor } from "../../lib/server/tls_engine.ts";
import { clientHello, pairOf, readToEnd, TlsClient } from "./tls_client.ts";

const isDenied = async (name: "net" | "read") =>
  (await Deno.permissions.query({ name })).state !== "granted";
const noTls = await isDenied("net") || await isDenied("read");
const localhost = noTls ? { cert: "", key: "" } : pairOf("localhost");
const renewed = noTls ? { cert: "", key: "" } : pairOf("renewed");
const ignore = noTls ||
  !canServe(settingsFor(localhost.cert, localhost.key));

const hello: Handler = () => new Response("hello");

function start(options: ServeOptions, handler: Handler = hello): HttpServer {
  const where = { hostname: "127.0.0.1", port: 0, onListen() {} };
  return serve({ ...where, ...localhost, ...options }, handler);
}

function request(method: string, ...fields: string[]): string {
  return [`${method} / HTTP/1.1`, "Host: localhost", ...fields, "", ""]
    .join("\r\n");
}

const LAST = request("GET", "Connection: close");

/** Asks by a client that trusts only a certificate. */
async function ask(port: number, cert: string, init = {}): Promise<string> {
  using client = Deno.createHttpClient({ caCerts: [cert] });
  const response = await fetch(`https://localhost:${port}/`, {
    ...init,
    client,
  });
  return await response.text();
}

Deno.test("TLS: who stalls in the handshake is gone, and nobody waited", {
  ignore,
}, async () => {
  const exchanges: Exchange[] = [];
  await using server = start({
    timeouts: { head: 1500 },
    limits: { connections: 1000 },
    onExchange: (exchange) => void exchanges.push({ ...exchange }),
  });
  const { port } = server.addr;
  const whole = clientHello();
  const stalled = await Promise.all(
    Array.from({ length: 200 }, async (_, at) => {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      const sent = whole.subarray(0, at * whole.length / 199);
      if (sent.length > 0) await conn.write(sent);
      return conn;
    }),
  );
  assertEquals(await ask(port, localhost.cert), "hello");
  await Promise.all(stalled.map(readToEnd));
  assertEquals(await ask(port, localhost.cert), "hello");
  assertLess(server.connections.open, 10);
  for (const conn of stalled) conn.close();
  const failed = exchanges.filter(({ error }) => error !== undefined);
  // The first has said nothing.
  assertEquals(failed.length, 199);
  for (const { error } of failed) {
    assertEquals((error as Error).message, "The TLS handshake came too slowly");
  }
});

Deno.test("TLS: who stalls counts as a connection, and makes room", {
  ignore,
}, async () => {
  await using server = start({ limits: { connections: 2 } });
  const { port } = server.addr;
  const stalled = [];
  for (let count = 0; count < 4; count++) {
    stalled.push(await Deno.connect({ hostname: "127.0.0.1", port }));
  }
  assertEquals(await ask(port, localhost.cert), "hello");
  for (const conn of stalled) conn.close();
});

Deno.test("TLS: who stalls counts among the connections of a client", {
  ignore,
}, async () => {
  const told = Promise.withResolvers<Exchange>();
  await using server = start({
    limits: { clientConnections: 1 },
    onExchange: (exchange) => told.resolve({ ...exchange }),
  });
  const { port } = server.addr;
  using _silent = await Deno.connect({ hostname: "127.0.0.1", port });
  await assertRejects(() => ask(port, localhost.cert), TypeError);
  const { status, sent, error } = await told.promise;
  assertEquals([status, sent], [undefined, 0]);
  assertMatch((error as Error).message, /too many connections/);
});

Deno.test("TLS: HTTP in the clear gets a 400, however it is cut", {
  ignore,
}, async () => {
  const exchanges: Exchange[] = [];
  await using server = start({
    onExchange: (exchange) => void exchanges.push({ ...exchange }),
  });
  const { port } = server.addr;
  const octets = new TextEncoder().encode(LAST);
  for (let cut = 1; cut <= octets.length; cut++) {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(octets.subarray(0, cut));
    await conn.write(octets.subarray(cut)).catch(() => {});
    const answer = await readToEnd(conn);
    assertMatch(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
    const url = `https://127.0.0.1:${port}/`;
    assert(answer.endsWith(`This port speaks HTTPS only, ask for ${url}\n`));
    assertEquals(answer.match(/\r\nconnection: close\r\n/)?.length, 1);
  }
  assertEquals(exchanges.length, octets.length);
  assertEquals(new Set(exchanges.map(({ status }) => status)), new Set([400]));
});

Deno.test("TLS: what is neither TLS nor HTTP is closed with an alert", {
  ignore,
}, async () => {
  await using server = start({});
  const { port } = server.addr;
  for (const first of [0, 1, 21, 23, 128, 255]) {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(new Uint8Array(100).fill(first));
    const answer = await readToEnd(conn);
    // RFC 8446 §5.1: alert(21).
    assertEquals(answer.charCodeAt(0), 21);
  }
  assertEquals(await ask(port, localhost.cert), "hello");
});

Deno.test("TLS: a handshake may come octet by octet", { ignore }, async () => {
  await using server = start({});
  using client = await TlsClient.connect(server.addr.port, true);
  await client.send(LAST);
  assert((await client.readAll()).endsWith("\r\n\r\nhello"));
});

Deno.test("TLS: a renewed certificate is for new connections, and drops none", {
  ignore,
}, async () => {
  await using server = start({});
  const { port } = server.addr;
  using old = Deno.createHttpClient({ caCerts: [localhost.cert] });
  const url = `https://localhost:${port}/`;
  let isOver = false;
  let count = 0;
  const load = async () => {
    while (!isOver) {
      const response = await fetch(url, { client: old });
      assertEquals(await response.text(), "hello");
      count++;
    }
  };
  // HTTP/1.1: each of these keeps its connection.
  const loads = Array.from({ length: 4 }, load);
  while (count < 20) await ask(port, localhost.cert);
  const before = server.connections.open;
  server.setCertificate(renewed);
  const from = count;
  assertEquals(await ask(port, renewed.cert), "hello");
  await assertRejects(() => ask(port, localhost.cert), TypeError);
  while (count < from + 50) await ask(port, renewed.cert);
  isOver = true;
  await Promise.all(loads);
  assertGreater(before, 0);
});

Deno.test("TLS: a wrong pair changes nothing", { ignore }, async () => {
  await using server = start({});
  const { privateKey: unknown } = generateKeyPairSync("ec", {
    namedCurve: "secp256k1",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const begin = "-----BEGIN CERTIFICATE-----\n";
  const broken = "certificate 2 of the chain is broken or cut off";
  for (
    const [pair, message] of [
      [{ ...localhost, key: renewed.key }, "belongs to another certificate"],
      [{ ...localhost, cert: "nonsense" }, "the certificate is not in PEM"],
      [{ ...localhost, key: "nonsense" }, "the key is not in PEM"],
      [{ ...localhost, key: unknown }, "no TLS by a key of secp256k1 here"],
      // Clients alone would see this one, and each of them.
      [
        {
          ...localhost,
          cert: `${localhost.cert}${begin}AAAA\n-----END CERTIFICATE-----\n`,
        },
        broken,
      ],
      // Of a file that is being written.
      [
        {
          ...localhost,
          cert: localhost.cert + localhost.cert.slice(0, 200),
        },
        broken,
      ],
    ] as const
  ) {
    assertThrows(() => server.setCertificate(pair), TypeError, message);
    assertThrows(() => start(pair), TypeError, message);
  }
  assertEquals(await ask(server.addr.port, localhost.cert), "hello");
  await using clear = start({ cert: undefined, key: undefined });
  assertThrows(
    () => clear.setCertificate(renewed),
    TypeError,
    "none that can be renewed",
  );
});

Deno.test("TLS: ALPN chooses http/1.1, and nothing else", {
  ignore,
}, async () => {
  await using server = start({});
  const { port } = server.addr;
  const negotiate = (ALPNProtocols: string[]) =>
    new Promise((resolve) => {
      const options = { host: "localhost", port, ca: localhost.cert };
      const socket = connectByNode({ ...options, ALPNProtocols }, () => {
        resolve(socket.alpnProtocol);
        socket.destroy();
      });
      socket.on("error", () => resolve("refused"));
    });
  assertEquals(await negotiate(["h2", "http/1.1"]), "http/1.1");
  assertEquals(await negotiate([]), false);
  // RFC 7301 §3.2: no_application_protocol.
  assertEquals(await negotiate(["h2"]), "refused");
});

Deno.test("TLS: a client that says goodbye still gets its answer", {
  ignore,
}, async () => {
  await using server = start({}, async (request) => {
    const text = await request.text();
    await new Promise((resolve) => setTimeout(resolve, 50));
    return new Response(`got ${text}`);
  });
  using client = await TlsClient.connect(server.addr.port);
  await client.send(request("POST", "Content-Length: 3") + "abc");
  client.engine.sayGoodbye();
  await client.flush();
  await client.conn.closeWrite();
  assert((await client.readAll()).endsWith("\r\n\r\ngot abc"));
  // RFC 8446 §6.1: close_notify, before FIN.
  assert(client.engine.hasEnded);
});

Deno.test("TLS: content that breaks off is not taken for whole", {
  ignore,
}, async () => {
  const read = Promise.withResolvers<string>();
  await using server = start({}, async (request) => {
    await request.text().then(
      read.resolve,
      (error) => read.resolve(error.name),
    );
    return new Response();
  });
  using client = await TlsClient.connect(server.addr.port);
  await client.send(request("POST", "Content-Length: 10") + "abc");
  // RFC 9112 §9.8: a FIN without close_notify.
  await client.conn.closeWrite();
  assertEquals(await read.promise, "ProtocolError");
});

Deno.test("TLS: what is not read is not taken", { ignore }, async () => {
  const go = Promise.withResolvers<void>();
  const reading = Promise.withResolvers<void>();
  await using server = start({
    limits: { content: Infinity },
  }, async (request) => {
    const reader = request.body!.getReader();
    let count = (await reader.read()).value!.length;
    reading.resolve();
    await go.promise;
    for (let next; (next = await reader.read()).value;) {
      count += next.value.length;
    }
    return new Response(String(count));
  });
  using client = await TlsClient.connect(server.addr.port);
  const LENGTH = 32 << 20;
  await client.send(request("POST", `Content-Length: ${LENGTH}`));
  const piece = "x".repeat(1 << 20);
  let sent = 0;
  const sending = (async () => {
    for (; sent < LENGTH; sent += piece.length) await client.send(piece);
  })();
  await reading.promise;
  // It stops when the buffers of the system are full.
  for (let before = -1; before !== sent;) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  assertLess(sent, LENGTH / 2);
  go.resolve();
  await sending;
  client.engine.sayGoodbye();
  await client.flush();
  assert((await client.readAll()).endsWith(`\r\n\r\n${LENGTH}`));
});

Deno.test("TLS: large content arrives whole, both ways", {
  ignore,
}, async () => {
  const content = crypto.getRandomValues(new Uint8Array(1 << 16));
  const whole = new Blob(Array.from({ length: 128 }, () => content));
  await using server = start(
    { limits: { content: Infinity } },
    async (request) => new Response(await request.blob()),
  );
  using client = Deno.createHttpClient({ caCerts: [localhost.cert] });
  const response = await fetch(`https://localhost:${server.addr.port}/`, {
    method: "POST",
    body: whole,
    client,
  });
  const digest = async (blob: Blob) =>
    new Uint8Array(
      await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()),
    );
  assertEquals(await digest(await response.blob()), await digest(whole));
});

Deno.test("TLS: the URL and the addresses are those of the client", {
  ignore,
}, async () => {
  await using server = start(
    {},
    (request, { remoteAddr, localAddr }) =>
      Response.json([request.url, remoteAddr, localAddr]),
  );
  const { port } = server.addr;
  using client = await TlsClient.connect(port);
  await client.send(LAST);
  const { port: own } = client.conn.localAddr as Deno.NetAddr;
  const here = { transport: "tcp", hostname: "127.0.0.1" };
  const answer = await client.readAll();
  assertEquals(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n"))), [
    "https://localhost/",
    { ...here, port: own },
    { ...here, port },
  ]);
});

Deno.test("TLS: a listener of Deno's own is served as well", {
  ignore,
}, async () => {
  const where = { hostname: "127.0.0.1", port: 0 };
  const listener = Deno.listenTls({ ...where, ...localhost });
  await using server = serve(
    { listener, onListen() {} },
    (request) => new Response(request.url),
  );
  const { port } = server.addr;
  using _silent = await Deno.connect({ hostname: "127.0.0.1", port });
  assertEquals(await ask(port, localhost.cert), `https://localhost:${port}/`);
  assertThrows(() => server.setCertificate(renewed), TypeError, "none");
});

Deno.test("TLS: a shutdown waits for no handshake", { ignore }, async () => {
  const server = start({ timeouts: { shutdown: 60_000 } });
  const { port } = server.addr;
  using silent = await Deno.connect({ hostname: "127.0.0.1", port });
  using begun = await Deno.connect({ hostname: "127.0.0.1", port });
  await begun.write(clientHello().subarray(0, 100));
  assertEquals(await ask(port, localhost.cert), "hello");
  await server.shutdown();
  assertEquals(await readToEnd(silent), "");
  assertEquals(await readToEnd(begun), "");
});

Deno.test("TLS: a WebSocket needs to reach this machine, or says so", {
  ignore: ignore || await Deno.permissions.query({ name: "run" })
    .then(({ state }) => state !== "granted"),
}, async () => {
  const program = new URL("secure_web_socket.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-net=localhost"],
      ...["--allow-read", program],
    ],
    stderr: "null",
  }).output();
  assertEquals(
    new TextDecoder().decode(stdout),
    "Cannot upgrade to a WebSocket: over TLS it needs " +
      "--allow-net=127.0.0.1, add that, or use info.upgrade\n",
  );
});
