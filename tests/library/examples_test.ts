/**
 * Each example, the file as it is, with the permissions that its first comment
 * names: once under `serve`, once with `@sluice/http` mapped to a module that
 * gives out `Deno.serve` as `serve`. The same conversation is held with both.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { examples, Program, type Server, servers } from "./example_program.ts";

/** All in which the two differ, and why. */
const differences = {
  /** json_api: only `serve` has `limits.content`; then the handler refuses. */
  statusOfLargeContent: { "serve": 413, "Deno.serve": 422 },
  /** upload_progress: only `serve` has `info.sendInformational`. */
  hasInterimResponses: { "serve": true, "Deno.serve": false },
  /** static_site: `onError` of `Deno.serve` is not told what a client accepts. */
  typeOf404ForBrowser: {
    "serve": "text/html; charset=utf-8",
    "Deno.serve": "text/plain; charset=utf-8",
  },
  /** in_memory: only `serve` takes a `listener`. `Deno.serve` opens a port. */
  firstLineInMemory: {
    "serve": /^HTTP\/1\.1 200 OK\r\n/,
    "Deno.serve": /NotCapable: Requires net access/,
  },
} satisfies Record<string, Record<Server, unknown>>;

/** What a conversation is held with. */
interface Held {
  server: Server;
  program: Program;
  /** Where it listens, without `/` at the end. */
  url: string;
}

const held = new Set<string>();

/** Holds a conversation with an example under both servers. */
function converse(name: string, hold: (held: Held) => Promise<void>): void {
  held.add(name);
  for (const server of servers) {
    Deno.test(`${name} under ${server}`, async () => {
      await using program = await Program.start(name, server);
      const [, url] = await program.says(/Listening on (http:\S+?)\/?\s/);
      await hold({ server, program, url });
    });
  }
}

/** A response's status and content. */
async function ask(url: string, init?: RequestInit) {
  const response = await fetch(url, init);
  const { status, headers } = response;
  return { status, headers, text: await response.text() };
}

converse("hello", async ({ url }) => {
  assertEquals((await ask(url)).text, "Hello, world!\n");
  assertEquals((await ask(`${url}/?name=Zo%C3%AB`)).text, "Hello, Zoë!\n");
});

converse("json_api", async ({ server, url }) => {
  const notes = `${url}/notes`;
  const post = (body: string, headers = {}) =>
    ask(notes, { method: "POST", body, headers });

  const added = await post('{"text":"Buy tea"}');
  assertEquals(added.status, 201);
  assertEquals(added.headers.get("location"), "/notes/1");
  const note = { id: "1", text: "Buy tea" };
  assertEquals(JSON.parse((await ask(`${notes}/1`)).text), note);
  assertEquals(JSON.parse((await ask(notes)).text), [note]);

  const large = await post(JSON.stringify({ text: "x".repeat(20_000) }));
  const removal = await ask(notes, { method: "DELETE" });
  assertEquals(removal.headers.get("allow"), "GET, HEAD, POST, OPTIONS");
  const elsewhere = { origin: "https://elsewhere.example" };
  for (
    const [answer, status] of [
      [await post('{"text":'), 400],
      [await post("null"), 422],
      [await post('{"text":""}'), 422],
      [await post('{"text":"Buy gin"}', elsewhere), 403],
      [await ask(`${notes}/2`), 404],
      [await ask(`${url}/none`), 404],
      [await ask(`${notes}/%ff`), 400],
      [removal, 405],
      [large, differences.statusOfLargeContent[server]],
    ] as const
  ) {
    assertEquals(answer.status, status);
    assertEquals(
      answer.headers.get("content-type"),
      "application/problem+json",
    );
    assertEquals(JSON.parse(answer.text).status, status);
  }
  const head = await ask(notes, { method: "HEAD" });
  assertEquals([head.status, head.text], [200, ""]);
  assertEquals((await ask(notes, { method: "OPTIONS" })).status, 204);
});

converse("hono", async ({ url }) => {
  assertEquals((await ask(url)).text, "Hello from Hono");
  assertEquals(JSON.parse((await ask(`${url}/posts/7`)).text), { id: "7" });
  const body = '{"title":"Tea"}';
  const added = await ask(`${url}/posts`, { method: "POST", body });
  assertEquals([added.status, added.text], [201, body]);
  assertEquals((await ask(`${url}/none`)).status, 404);
});

converse("server_sent_events", async ({ program, url }) => {
  const response = await fetch(url);
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream())
    .getReader();
  let text = "";
  while (text.split("\n\n").length <= 2) text += (await reader.read()).value;
  assert(/^(?:event:time\ndata:[\dTZ:.-]+\n\n){2}$/.test(text), text);
  await reader.cancel();
  await program.says(/A client has left/);
});

/** A member of the chat: what it reads, in order. */
async function join(url: string) {
  const socket = new WebSocket(url.replace("http", "ws"));
  const messages = new ReadableStream<string>({
    start(controller) {
      socket.onmessage = ({ data }) => controller.enqueue(data);
      socket.onerror = () => controller.error(new Error("Could not join"));
    },
  }).getReader();
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  const next = async () => (await messages.read()).value;
  return { socket, closed, next, joined: await next() };
}

converse("web_socket_chat", async ({ url }) => {
  const page = await ask(url);
  assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
  assertStringIncludes(page.text, "new WebSocket(");

  const ada = await join(url);
  assertEquals(ada.joined, "Somebody has joined: 1 here");
  const bob = await join(url);
  assertEquals(bob.joined, "Somebody has joined: 2 here");
  assertEquals(await ada.next(), bob.joined);
  bob.socket.send("<b>Hi</b> 🫖");
  assertEquals(await ada.next(), "<b>Hi</b> 🫖");
  assertEquals(await bob.next(), "<b>Hi</b> 🫖");

  bob.socket.send("x".repeat(1001));
  assertEquals((await bob.closed).code, 1009);
  assertEquals(await ada.next(), "Somebody has left: 1 here");
  ada.socket.close();
  await ada.closed;

  for (
    const [origin, status] of [[url, "101"], [
      "https://elsewhere.example",
      "403",
    ]]
  ) {
    const [head] = await exchange(
      url,
      "GET / HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade\r\n" +
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        `Origin: ${origin}\r\n\r\n`,
      (text) => text.includes("\r\n\r\n"),
    );
    assertStringIncludes(head, `HTTP/1.1 ${status} `);
  }
});

/** Sends octets as they are; gives the lines of what comes until it is enough. */
async function exchange(
  url: string,
  text: string,
  isEnough: (received: string) => boolean,
): Promise<string[]> {
  const { hostname, port, host } = new URL(url);
  using conn = await Deno.connect({ hostname, port: Number(port) });
  const octets = new TextEncoder().encode(text.replace("HOST", host));
  const [received] = await Promise.all([
    readUntil(conn, isEnough),
    writeAll(conn, octets),
  ]);
  return received.split("\r\n");
}

async function readUntil(
  conn: Deno.Conn,
  isEnough: (received: string) => boolean,
): Promise<string> {
  const buffer = new Uint8Array(4096);
  let received = "";
  while (!isEnough(received)) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error(`The connection ended: ${received}`);
    received += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return received;
}

async function writeAll(conn: Deno.Conn, octets: Uint8Array): Promise<void> {
  for (let sent = 0; sent < octets.length;) {
    sent += await conn.write(octets.subarray(sent));
  }
}

converse("upload_progress", async ({ server, program, url }) => {
  assertStringIncludes((await ask(url)).text, "upload.onprogress");
  // More than `serve` takes unless it is told to.
  const body = new Uint8Array(11 << 20);
  const { text } = await ask(url, { method: "POST", body });
  assertEquals(JSON.parse(text), { received: body.length });
  await program.says(/^\d+ bytes so far$/m);
  assertEquals(
    (await ask(url, { method: "POST" })).text,
    '{"received":0}',
  );

  const size = 3.5 * 2 ** 20;
  const lines = await exchange(
    url,
    `POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: ${size}\r\n\r\n` +
      "x".repeat(size),
    (received) => received.includes(`{"received":${size}}`),
  );
  assertEquals(
    lines.some((line) => line.startsWith("HTTP/1.1 102")),
    differences.hasInterimResponses[server],
  );
});

converse("static_site", async ({ server, program, url }) => {
  const site = `${program.folder}/public`;
  await Deno.mkdir(`${site}/assets`, { recursive: true });
  await Deno.writeTextFile(`${site}/index.html`, "<h1>Home</h1>");
  await Deno.writeTextFile(`${site}/about.html`, "<h1>About</h1>");
  await Deno.writeTextFile(`${site}/.env`, "SECRET=1");
  await Deno.writeTextFile(`${site}/assets/app-5d1f.js`, "run()");
  await Deno.symlink(`${program.folder}/outside.txt`, `${site}/link.txt`);
  await Deno.writeTextFile(`${program.folder}/outside.txt`, "outside");

  const home = await ask(url);
  assertEquals(home.text, "<h1>Home</h1>");
  assertEquals(home.headers.get("cache-control"), "no-cache");
  assertEquals(
    home.headers.get("content-security-policy"),
    "default-src 'self'",
  );
  assertEquals((await ask(`${url}/about`)).text, "<h1>About</h1>");
  const script = await ask(`${url}/assets/app-5d1f.js`);
  assertEquals(
    script.headers.get("cache-control"),
    "max-age=31536000, immutable",
  );
  const headers = { "if-none-match": home.headers.get("etag")! };
  assertEquals((await ask(url, { headers })).status, 304);
  const range = await ask(url, { headers: { range: "bytes=4-7" } });
  assertEquals([range.status, range.text], [206, "Home"]);

  for (const path of ["/none", "/.env", "/link.txt"]) {
    assertEquals((await ask(url + path)).status, 404, path);
  }
  const forBrowser = await ask(`${url}/none`, {
    headers: { accept: "text/html" },
  });
  assertEquals(
    forBrowser.headers.get("content-type"),
    differences.typeOf404ForBrowser[server],
  );
  const posted = await ask(url, { method: "POST" });
  assertEquals([posted.status, posted.headers.get("allow")], [
    405,
    "GET, HEAD",
  ]);
  await Deno.writeTextFile(`${site}/404.html`, "<h1>Nothing here</h1>");
  const absent = await ask(`${url}/none`);
  assertEquals([absent.status, absent.text], [404, "<h1>Nothing here</h1>"]);
});

converse("behind_proxy", async ({ program, url }) => {
  const headers = { "x-forwarded-for": "192.0.2.1, 192.0.2.7" };
  await ask(`${url}/a`, { headers });
  await program.says(/^192\.0\.2\.7 GET \/a 200$/m);
  await ask(`${url}/b`);
  await program.says(/^127\.0\.0\.1 GET \/b 200$/m);
  // From an address that is none of the proxies'.
  using client = Deno.createHttpClient({ localAddress: "127.0.0.2" });
  await ask(`${url}/c`, { headers, client } as RequestInit);
  await program.says(/^127\.0\.0\.2 GET \/c 200$/m);
});

held.add("in_memory");
for (const server of servers) {
  Deno.test(`in_memory under ${server}`, async () => {
    await using program = await Program.start("in_memory", server);
    await program.says(differences.firstLineInMemory[server]);
    if (server === "serve") await program.says(/\r\n\r\nHello\n/);
  });
}

Deno.test("every example is held a conversation with, and is in the table", async () => {
  const names = [...Deno.readDirSync(examples)].map(({ name }) => name)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => name.slice(0, -".ts".length));
  assertEquals(names.toSorted(), [...held].toSorted());
  const readme = await Deno.readTextFile(new URL("README.md", examples));
  const rows = [...readme.matchAll(/^\| \[\w+\.ts\]\((\w+)\.ts\)/gm)];
  assertEquals(rows.map(([, name]) => name).toSorted(), names.toSorted());
});
