import { NEXT, NEXT_ANSWER, testMessages } from "../support/message_cases.ts";

/** A request with these field lines, that is served as if they were not there. */
const harmless = (name: string, lines: string, version = "1.1") => ({
  name: `RFC 9110 §${name}`,
  send: `GET /a HTTP/${version}\r\nHost: h\r\n${lines}\r\n` + NEXT,
  answers: ["200 GET http://h/a []", NEXT_ANSWER],
});

/** A target that is not ours. */
const misdirected = (name: string, target: string) => ({
  name: `RFC 9110 §7.4: ${name}`,
  send: `GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n` + NEXT,
  answers: [421, NEXT_ANSWER],
});

testMessages([
  {
    name: "RFC 9110 §7.2: Host comes to its own anywhere in the section",
    send: "GET /a HTTP/1.1\r\nA: b\r\nHost: h\r\n\r\n" + NEXT,
    answers: ["200 GET http://h/a []", NEXT_ANSWER],
  },
  {
    name: "RFC 9110 §7.2: Host in a trailer is none",
    send: "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "0\r\nHost: h\r\n\r\n" + NEXT,
    answers: [400],
  },
  misdirected("https, over a connection that is not secured", "https://h/a"),
  misdirected("https in capitals", "HTTPS://h/a"),
  misdirected("a scheme that nobody serves here", "ftp://h/a"),
  misdirected("a scheme of a WebSocket", "ws://h/a"),
  harmless("7.6.1: options that are unknown", "Connection: foo, bar=baz\r\n"),
  harmless(
    "7.6.1: an option that names a field of the request",
    "Connection: Host, X-A\r\nX-A: b\r\n",
  ),
  harmless(
    "7.6.1: Keep-Alive and Proxy-Connection",
    "Keep-Alive: 1\r\nProxy-Connection: close\r\n",
  ),
  harmless("7.6.2: Max-Forwards of a GET", "Max-Forwards: 0\r\n"),
  harmless("7.6.3: Via", "Via: 1.0 fred, 1.1 p.example.net\r\n"),
  harmless(
    "7.8: an upgrade that is not taken",
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n" +
      "HTTP2-Settings: AAMAAABkAAQAAP__\r\n",
  ),
  harmless(
    "7.8: an upgrade without the option",
    "Upgrade: websocket\r\n",
  ),
  harmless(
    "7.8: an upgrade in HTTP/1.0",
    "Connection: Upgrade, keep-alive\r\nUpgrade: websocket\r\n",
    "1.0",
  ),
  {
    name:
      "RFC 9110 §7.8: after an upgrade that is not taken content is content",
    send: "POST /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n" +
      "Upgrade: h2c\r\nContent-Length: 3\r\n\r\nabc" + NEXT,
    answers: ["200 POST http://h/a [abc]", NEXT_ANSWER],
  },
]);
