/** What is done in a short way has the outcome of the long one. */

import { assert, assertEquals } from "@std/assert";
import {
  lightResponse,
  realResponse,
  type ResponseParts,
} from "../../lib/light/light_response.ts";
import { request } from "../light/light.ts";
import { connect, latin1, parseAnswers } from "../conversation.ts";

/** What two requests for a handler's response get. */
async function sent(
  make: () => Response,
  method: string,
  version: string,
): Promise<string> {
  const { pipe, done } = connect({ handler: make });
  const head = `${method} / HTTP/${version}\r\nHost: h\r\n\r\n`;
  pipe.send(head.repeat(2), null);
  await done;
  return pipe.received;
}

const fields = {
  "content-type": "text/plain",
  // Of the handler's own, lest a second passes.
  "date": "Mon, 23 Nov 2026 11:08:36 GMT",
  "x-octet": "\xe4",
};

const contents = ["", "abc", "\xe4\u20ac", "a".repeat(70_000)];

for (const status of [200, 404, 204, 304]) {
  Deno.test(`${status}: content at hand goes out as a stream's does`, async () => {
    for (const text of status === 204 || status === 304 ? [null] : contents) {
      const octets = text === null ? null : new TextEncoder().encode(text);
      const init = { status, headers: fields };
      const kinds: (() => Response)[] = [
        () => new Response(text, init),
        () => new Response(octets, init),
        () =>
          lightResponse(request, {
            status,
            lines: Object.entries(fields),
            content: text,
          }),
      ];
      const stream = () =>
        new Response(octets && ReadableStream.from([octets]), init);
      for (const method of ["GET", "HEAD"]) {
        for (const version of ["1.1", "1.0"]) {
          const expected = await sent(stream, method, version);
          assert(expected.startsWith(`HTTP/1.1 ${status} `));
          for (const make of kinds) {
            // Not by assertEquals, which would print it all.
            assert(await sent(make, method, version) === expected);
          }
        }
      }
    }
  });
}

Deno.test("light responses in turn go out as others do", async () => {
  const kinds: ResponseParts[] = [
    { status: 200, lines: Object.entries(fields), content: "a" },
    { status: 200, lines: Object.entries(fields), content: "ab" },
    { status: 404, lines: Object.entries(fields), content: null },
    { status: 200, lines: [["connection", "close"]], content: "a" },
  ];
  const answers = [];
  const plainResponse = (_: Request, parts: ResponseParts) =>
    realResponse(parts);
  for (const make of [lightResponse, plainResponse]) {
    let turn = 0;
    const { pipe, done } = connect({
      handler: (request) => make(request, kinds[[0, 1, 0, 2, 2, 1, 3][turn++]]),
    });
    pipe.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(8), null);
    await done;
    assertEquals(turn, 7);
    answers.push(pipe.received.replace(/(?<=date: ).*/g, fields.date));
  }
  assertEquals(answers[0], answers[1]);
});

const twice: Record<string, () => Response> = {
  "text": () => new Response("abc"),
  "octets": () => new Response(latin1("abc")),
  "a stream": () => new Response(ReadableStream.from([latin1("abc")])),
  "a light response": () =>
    lightResponse(request, { status: 200, lines: [], content: "abc" }),
};

for (const [name, make] of Object.entries(twice)) {
  Deno.test(`${name} is sent once, and not again`, async () => {
    const errors: unknown[] = [];
    const response = make();
    const { pipe, done } = connect({
      handler: () => response,
      onError: (error) => {
        errors.push(error);
        return new Response(null, { status: 500 });
      },
    });
    pipe.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(2), null);
    await done;
    const answers = parseAnswers(pipe.received, ["GET", "GET"]);
    assertEquals(answers.map(({ status }) => status), [200, 500]);
    assertEquals(errors.map(String), [
      "TypeError: Cannot send a body that was read",
    ]);
  });
}

Deno.test("the URL is the one that new Request would write", async () => {
  const targets = [
    ..."/ /a /a/b?c=d /a//b // /a/./b /a/../b /.a /a. /a/. /a/.. /../a".split(
      " ",
    ),
    ..."/%2e%2E/a /a/%2e/b /%41%zz% /a?/../b /a?%2e ///a/..//b".split(" "),
    ..."/a?'b /a'b /a|b^c`d{e}f /a\"b<c>d /a?\"b<c>d /[a] /a:b@c;d=e,f".split(
      " ",
    ),
    ..."/~!$&()*+-_ /a?b?c http://H:80 http://Other:81/./x http://h?a".split(
      " ",
    ),
  ];
  const hosts = [
    "h",
    "EXAMPLE.org:80",
    "127.1",
    "[0:0:0:0:0:0:0:1]:8080",
    "h:",
  ];
  const expected: string[] = [];
  const seen: string[] = [];
  const { pipe, done } = connect({
    handler: ({ url }) => {
      seen.push(url);
      return new Response();
    },
  });
  for (const host of hosts) {
    for (const target of targets) {
      const url = target.startsWith("/") ? `http://${host}${target}` : target;
      expected.push(new Request(url).url);
      pipe.send(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    }
  }
  pipe.send(null);
  await done;
  assertEquals(seen, expected);
});
