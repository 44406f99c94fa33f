/** A request as commands: a shell that runs them sends the very same octets. */

import { assert, assertEquals } from "@std/assert";
import {
  curlCommand,
  fetchCommand,
  ncCommand,
  parseRequest,
} from "../../lib/page/browser/request_commands.js";
import {
  piecesOf,
  typedText,
  visible,
} from "../../lib/page/browser/octet_text.js";
import { typedOctets } from "../../lib/page/browser/typed_octets.js";
import { dissect } from "../../lib/xray/dissection.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const requestOf = (octets: Uint8Array) =>
  parseRequest(octets, dissect(octets, "request"));

const get = "GET /echo/a HTTP/1.1\r\nHost: localhost\r\n";
const post = "POST /echo/a HTTP/1.1\r\nHost: localhost\r\n";
const hostile = [
  "'",
  "''; touch /tmp/pwned; '",
  "$(touch pwned)`id`",
  '"$HOME"',
  "!!",
  "%s%n%d",
  "a\\b\\n\\x41",
  "--help",
  "; exit 1",
  "\u00a7\u{1f600}",
];

/** What is sent as it is by curl, too. */
const plain: Record<string, string> = {
  "a plain request": `${get}\r\n`,
  "fields": `${get}User-Agent: me/1\r\nAccept: */*\r\nX-A: b\r\nX-A: c\r\n\r\n`,
  "an empty field": `${get}X-Empty:\r\nX-Tight:a\r\n\r\n`,
  "no Host": "GET /echo/a HTTP/1.1\r\nAccept: a/b\r\n\r\n",
  "HTTP/1.0": "GET /echo/a HTTP/1.0\r\nHost: localhost\r\n\r\n",
  "HEAD": `${get.replace("GET", "HEAD")}\r\n`,
  "another method": `${get.replace("GET", "PURGE")}\r\n`,
  "a path with dots": `${get.replace("/echo/a", "/a/../b/./c?d=[e]&{f}")}\r\n`,
  "a query": `${get.replace("/echo/a", "/a?b=$HOME&c='d'")}\r\n`,
  "the asterisk": "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "an absolute target": `${get.replace("/echo/a", "http://h/a")}\r\n`,
  "content": `${post}Content-Length: 5\r\n\r\nhello`,
  "content of a PUT": `${
    post.replace("POST", "PUT")
  }Content-Type: a/b\r\nContent-Length: 5\r\n\r\n@file`,
  "no content": `${post}Content-Length: 0\r\n\r\n`,
  "binary content": `${post}Content-Length: 5\r\n\r\n\0\x01\r\n\t`,
  "one chunk":
    `${post}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  ...Object.fromEntries(
    hostile.map((text) => [
      `hostile: ${text}`,
      `${post}X-Hostile: ${text}\r\nContent-Length: ${
        encode(text).length
      }\r\n\r\n${text}`,
    ]),
  ),
};

/** What only nc sends as it is. */
const strange: Record<string, string> = {
  "a space before the colon": "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
  "bare line feeds": "GET / HTTP/1.1\nHost: h\n\n",
  "a hyphen first": "-x / HTTP/1.1\r\n\r\n",
  "every octet": String.fromCharCode(...Array(256).keys()),
  "two chunks":
    `${post}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n`,
};

const canRun =
  (await Deno.permissions.query({ name: "run" })).state === "granted" &&
  (await Deno.permissions.query({ name: "net" })).state === "granted";

async function has(program: string): Promise<boolean> {
  if (!canRun) return false;
  try {
    await new Deno.Command(program, { args: ["--help"] }).output();
    return true;
  } catch {
    return false;
  }
}

/** What a shell sends that runs the command for this server. */
async function sentBy(
  command: (host: string) => string,
  length: number,
): Promise<Uint8Array> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const folder = await Deno.makeTempDir();
  const child = new Deno.Command("sh", {
    args: ["-c", command(`127.0.0.1:${listener.addr.port}`)],
    cwd: folder,
    stdout: "null",
    stderr: "null",
  }).spawn();
  using conn = await listener.accept();
  const received = new Uint8Array(length + 1);
  let count = 0;
  while (count < length) {
    const read = await conn.read(received.subarray(count));
    if (read === null) break;
    count += read;
  }
  await conn.write(encode("HTTP/1.1 204 No Content\r\n\r\n"));
  conn.close();
  await child.status;
  assertEquals([...Deno.readDirSync(folder)], [], "it made a file");
  await Deno.remove(folder);
  return received.subarray(0, count);
}

const server = (host: string) => ({ host, isSecure: false });

Deno.test({
  name: "a copied nc sends the very same octets",
  ignore: !await has("nc"),
  async fn() {
    for (const [name, text] of Object.entries({ ...plain, ...strange })) {
      const octets = name === "every octet"
        ? Uint8Array.from(text, (character) => character.charCodeAt(0))
        : encode(text);
      assertEquals(
        await sentBy((host) => ncCommand(octets, server(host)), octets.length),
        octets,
        name,
      );
    }
  },
});

Deno.test({
  name: "a copied curl sends the very same octets",
  ignore: !await has("curl"),
  async fn() {
    for (const [name, text] of Object.entries(plain)) {
      const octets = encode(text);
      const request = requestOf(octets);
      assert(request, name);
      assertEquals(curlCommand(request, server("h")).sends, octets, name);
      const sent = await sentBy(
        (host) => curlCommand(request, server(host)).command,
        octets.length,
      );
      assertEquals(new TextDecoder().decode(sent), text, name);
    }
  },
});

Deno.test("what curl writes in its own way is known before", () => {
  for (
    const [name, text] of Object.entries({
      "Host is not first": "GET / HTTP/1.1\r\nA: b\r\nHost: h\r\n\r\n",
      "host in lower case": "GET / HTTP/1.1\r\nhost: h\r\n\r\n",
      "two chunks": strange["two chunks"],
    })
  ) {
    const request = requestOf(encode(text));
    assert(request, name);
    const sends = new TextDecoder().decode(
      curlCommand(request, server("h")).sends,
    );
    assert(sends !== text, name);
  }
  for (
    const text of [
      strange["a space before the colon"],
      strange["bare line feeds"],
      "GET / HTTP/1.1\r\nA: b \r\n\r\n",
      "GET / HTTP/1.1\r\nA: \r\n\r\n",
      "GET / HTTP/1.1\r\nA: b\0\r\n\r\n",
      "GET / HTTP/1.1\r\nA: b\r\n",
      "GET / HTTP/2.0\r\n\r\n",
      "",
    ]
  ) assertEquals(requestOf(encode(text)), undefined, JSON.stringify(text));
});

Deno.test({
  name: "a copied fetch asks for the same",
  ignore: !canRun,
  async fn() {
    for (const [name, text] of Object.entries(plain)) {
      const request = requestOf(encode(text))!;
      const made = fetchCommand(request, server("127.0.0.1:9"));
      if (!request.target.startsWith("/")) {
        assertEquals(made, undefined, name);
        continue;
      }
      const call = /await fetch\(([^]*)\);\nconsole\.log/.exec(made!.command);
      const asked: Request = new Function(
        `return new Request(${call![1]})`,
      )();
      assertEquals(asked.method, request.method, name);
      assertEquals(await asked.bytes(), request.content, name);
      const value = asked.headers.get("x-hostile");
      if (name.startsWith("hostile") && value !== null) {
        const octets = Uint8Array.from(value, (each) => each.charCodeAt(0));
        assert(text.includes(new TextDecoder().decode(octets)), name);
      }
    }
    const withContent = requestOf(encode(`${get}Content-Length: 1\r\n\r\na`))!;
    assertEquals(fetchCommand(withContent, server("h")), undefined);
  },
});

Deno.test("octets are shown as text, but for what could mislead", () => {
  const shown = (text: string) => visible(encode(text));
  assertEquals(
    shown("a\u00a7\u{1f600}é\r\n\t\0"),
    "a\u00a7\u{1f600}é\\r\\n\n\\t\\0",
  );
  assertEquals(
    shown("\u202e\u200b\u00a0"),
    "\\xe2\\x80\\xae\\xe2\\x80\\x8b\\xc2\\xa0",
  );
  assertEquals(
    visible(Uint8Array.of(0xc2, 0x41, 0xff, 0xe2, 0x82)),
    "\\xc2A\\xff\\xe2\\x82",
  );
});

Deno.test("what is put back into the composer sends the same octets", async () => {
  let seed = 7;
  const random = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 8;
  const samples = Object.values({ ...plain, ...strange }).map(encode);
  samples.push(Uint8Array.from(Array(256).keys()));
  for (let round = 0; round < 500; round++) {
    samples.push(
      Uint8Array.from(
        { length: 40 },
        () => [13, 10, 92, 119, 0xc2, 0xa7, 120, random() & 255][random() % 8],
      ),
    );
  }
  for (const octets of samples) {
    const { octets: blob, waits } = typedOctets(typedText(octets), "crlf");
    assertEquals(await blob.bytes(), octets);
    assertEquals(waits, []);
    let length = 0;
    for (const piece of piecesOf(octets)) length += piece.length;
    assertEquals(length, octets.length);
  }
});
