import { testMessages } from "../support/message_cases.ts";

/** A target with a Host, and the answer. */
const get = (
  name: string,
  target: string,
  host: string,
  answer: string | number,
) => ({
  name: `RFC 9110 §${name}`,
  send: `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  answers: [answer],
});

testMessages([
  get("4.1: a fragment is no part of a request", "/a#b", "h", 400),
  get("4.2.1: an http URI without a host", "http:///a", "h", 400),
  get("4.2.1: an http URI with a port alone", "http://:80/a", "h", 400),
  get("4.2.2: an https URI needs a secured connection", "https://h/", "h", 421),
  get(
    "4.2.3: an empty path is /",
    "http://h?a",
    "h",
    "200 GET http://h/?a []",
  ),
  get(
    "4.2.3: hosts are case-insensitive",
    "/A",
    "EXAMPLE.com",
    "200 GET http://example.com/A []",
  ),
  get(
    "4.2.3: the default port may be left out",
    "/",
    "h:80",
    "200 GET http://h/ []",
  ),
  get(
    "4.2.3: an empty port is the default one",
    "http://h:/a",
    "h",
    "200 GET http://h/a []",
  ),
  get(
    "4.2.3: percent-encoded octets stay as they are",
    "/%7Ea%2fb",
    "h",
    "200 GET http://h/%7Ea%2fb []",
  ),
  get("4.2.4: userinfo", "http://user:pass@h/", "h", 400),
  get("4.2.4: empty userinfo", "http://@h/", "h", 400),
]);
