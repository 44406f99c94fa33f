import { assertEquals } from "@std/assert";
import { converse } from "../support/conversation.ts";
import { NEXT, NEXT_ANSWER, testMessages } from "../support/message_cases.ts";

/** A request with this line, and what it should be answered. */
const line = (name: string, line: string, ...answers: (string | number)[]) => ({
  name: `RFC 9112 §${name}`,
  send: `${line}\r\nHost: h\r\n\r\n`,
  answers,
});

testMessages([
  line("3: no method", " / HTTP/1.1", 400),
  line("3: no target", "GET  HTTP/1.1", 400),
  line("3: no version (HTTP/0.9)", "GET /", 400),
  line("3: two spaces after the method", "GET  / HTTP/1.1", 400),
  line("3: two spaces before the version", "GET /  HTTP/1.1", 400),
  line("3: a tab for a space", "GET\t/ HTTP/1.1", 400),
  line("3: a space in the target", "GET /a b HTTP/1.1", 400),
  line("3: a space at the end", "GET / HTTP/1.1 ", 400),
  line("3.1: delimiters in a method", 'G="(,) / HTTP/1.1', 400),
  line(
    "3.1: any token may be a method",
    "!#$ / HTTP/1.1",
    "200 !#$ http://h/ []",
  ),
  line("3.1: methods are case-sensitive", "get / HTTP/1.1", 501),
  line("3.1: PATCH", "PATCH / HTTP/1.1", "200 PATCH http://h/ []"),
  line("3.2: NUL", "GET /\0 HTTP/1.1", 400),
  line("3.2: an octet above 127", "GET /\xe9 HTTP/1.1", 400),
  line("3.2: a fragment", "GET /a#b HTTP/1.1", 400),
  line("3.2: a backslash in the path", "GET /a\\..\\b HTTP/1.1", 400),
  line(
    "3.2: a backslash in the query",
    "GET /a?b\\c HTTP/1.1",
    "200 GET http://h/a?b\\c []",
  ),
  line(
    "3.2.1: origin-form, with query",
    "GET /a%20b?c=d&e HTTP/1.1",
    "200 GET http://h/a%20b?c=d&e []",
  ),
  line(
    "3.2.1: a path that looks like an authority",
    "GET //evil/a HTTP/1.1",
    "200 GET http://h//evil/a []",
  ),
  line("3.2.1: no leading slash", "GET a/b HTTP/1.1", 400),
  line(
    "3.2.2: absolute-form, whose authority counts",
    "GET http://other:8080/a?b HTTP/1.1",
    "200 GET http://other:8080/a?b []",
  ),
  line(
    "3.2.2: absolute-form without a path",
    "GET http://other HTTP/1.1",
    "200 GET http://other/ []",
  ),
  line(
    "3.2.2: absolute-form with a query and no path",
    "GET http://other?a HTTP/1.1",
    "200 GET http://other/?a []",
  ),
  line(
    "3.2.2: schemes are case-insensitive",
    "GET HTTP://other/ HTTP/1.1",
    "200 GET http://other/ []",
  ),
  line("3.2.2: userinfo", "GET http://a@other/ HTTP/1.1", 400),
  line("3.2.2: an empty authority", "GET http:///a HTTP/1.1", 400),
  line("3.2.2: a port alone", "GET http://:80/a HTTP/1.1", 400),
  line("3.2.2: no authority", "GET http:a HTTP/1.1", 400),
  line(
    "3.2.2: https in the clear (RFC 9110 §7.4)",
    "GET https://h/ HTTP/1.1",
    421,
  ),
  line("3.2.3: authority-form without CONNECT", "GET h:443 HTTP/1.1", 400),
  line("3.2.3: CONNECT is not implemented", "CONNECT h:443 HTTP/1.1", 501),
  line("3.2.3: CONNECT without a port", "CONNECT h HTTP/1.1", 400),
  line("3.2.3: CONNECT with a path", "CONNECT / HTTP/1.1", 400),
  line("3.2.4: OPTIONS *", "OPTIONS * HTTP/1.1", "200 OPTIONS http://h/ []"),
  line(
    "3.2.4: OPTIONS in absolute-form without a path is OPTIONS *",
    "OPTIONS http://h HTTP/1.1",
    "200 OPTIONS http://h/ []",
  ),
  line("3.2.4: * without OPTIONS", "GET * HTTP/1.1", 400),
  {
    name: "RFC 9112 §3.2.2: absolute-form does not excuse a missing Host",
    send: "GET http://h/ HTTP/1.1\r\n\r\n",
    answers: [400],
  },
  ...[
    ["missing", ""],
    ["twice", "Host: h\r\nHost: h\r\n"],
    ["twice in other case", "Host: h\r\nhOST: h\r\n"],
    ["with userinfo", "Host: a@h\r\n"],
    ["longer than any name", `Host: ${"a".repeat(1025)}\r\n`],
    ["with a path", "Host: h/a\r\n"],
    ["with a port of letters", "Host: h:a\r\n"],
    ["with a port too large", "Host: h:65536\r\n"],
    ["with a space", "Host: a b\r\n"],
    ["with NUL", "Host: a\0b\r\n"],
    ["a list", "Host: a,b/c\r\n"],
    ["half an IPv6 address", "Host: [::1\r\n"],
    ["a false IPv6 address", "Host: [::::]\r\n"],
  ].map(([name, field]) => ({
    name: `RFC 9112 §3.2: Host ${name}`,
    send: `GET / HTTP/1.1\r\n${field}\r\n${NEXT}`,
    answers: [400],
  })),
  ...[
    ["a name", "my_host", "my_host"],
    ["as long as it may be", "a".repeat(1024), "a".repeat(1024)],
    ["an IPv4 address", "127.0.0.1:80", "127.0.0.1"],
    ["an IPv6 address", "[::1]:4221", "[::1]:4221"],
    ["empty", "", "127.0.0.1:4221"],
    ["with an empty port", "h:", "h"],
  ].map(([name, host, url]) => ({
    name: `RFC 9112 §3.2: Host ${name}`,
    send: `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n` + NEXT,
    answers: [`200 GET http://${url}/ []`, NEXT_ANSWER],
  })),
  {
    name: "RFC 9112 §3.2: Host twice is refused in HTTP/1.0 too",
    send: "GET / HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n",
    answers: [400],
  },
  {
    name: "RFC 9112 §3: a request line as long as the limit",
    limits: { requestLine: 20 },
    send: "GET /23456 HTTP/1.1\r\nHost: h\r\n\r\n".replace("6", "67"),
    answers: ["200 GET http://h/234567 []"],
  },
  {
    name: "RFC 9112 §3: a request line longer than the limit",
    limits: { requestLine: 20 },
    send: "GET /2345678 HTTP/1.1\r\nHost: h\r\n\r\n",
    answers: [414],
  },
  {
    name: "RFC 9112 §3: an unfinished request line longer than the limit",
    limits: { requestLine: 20 },
    send: "GET /2345678901234567890",
    answers: [414],
  },
]);

Deno.test("RFC 9112 §3: a request line of 8000 octets is taken", async () => {
  const target = "/" + "a".repeat(8000 - "GET / HTTP/1.1".length);
  const send = `GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`;
  assertEquals(send.indexOf("\r\n"), 8000);
  for (const arrivals of [[send], [...send]]) {
    const answers = await converse(arrivals, {
      handler: ({ url }) => new Response(String(url.length)),
    });
    assertEquals(
      answers.map(({ status, content }) => [status, content]),
      [[200, String("http://h".length + target.length)]],
    );
  }
});

testMessages([
  line(
    "3.3: the URI is scheme, Host and target",
    "GET /a/b?c HTTP/1.1",
    "200 GET http://h/a/b?c []",
  ),
  line(
    "3.3: that of absolute-form is the target itself",
    "GET http://other:81/a?c HTTP/1.1",
    "200 GET http://other:81/a?c []",
  ),
  line(
    "3.3: that of asterisk-form has no path and no query",
    "OPTIONS * HTTP/1.1",
    "200 OPTIONS http://h/ []",
  ),
  {
    name: "RFC 9112 §3.3: where Host is empty, the address asked is the host",
    send: "GET /a HTTP/1.1\r\nHost: \r\n\r\n" + NEXT,
    answers: ["200 GET http://127.0.0.1:4221/a []", NEXT_ANSWER],
  },
  {
    name:
      "RFC 9112 §3.3: where there is no Host, the address asked is the host",
    send: "OPTIONS * HTTP/1.0\r\n\r\n",
    answers: ["200 OPTIONS http://127.0.0.1:4221/ []"],
  },
]);
