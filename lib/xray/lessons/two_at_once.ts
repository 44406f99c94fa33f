/** @module */

import { type Lesson, missing, solved } from "./lesson.ts";
import { failureOf } from "./near_miss.ts";
import { valueOf } from "./read_exchange.ts";

/** Pipelining: the next request before the first answer. */
export const twoAtOnce: Lesson = {
  id: "two-at-once",
  title: "Two requests at once",
  about:
    "A connection of HTTP/1.1 stays open. A client may even send its next request before it has the first answer: this is called pipelining. Nothing but their own lengths separates the messages.",
  goal:
    "Send two requests at once, and get two answers, one after the other, on one connection.",
  start: "GET /echo/one HTTP/1.1\nHost: localhost\n\n",
  hints: [
    "Type the second request below the first, in the same box, and press Send once.",
    "Each of them needs its empty line: there is one between them, and one at the very end.",
    "The second begins right after the empty line: `GET /echo/two HTTP/1.1`, then `Host: localhost`, then an empty line.",
  ],
  solution: [
    "GET /echo/one HTTP/1.1\nHost: localhost\n\nGET /echo/two HTTP/1.1\nHost: localhost\n\n",
  ],
  explanation:
    "The list shows two exchanges on one connection. The server answers in the order of the requests, always: nothing in an answer says which request it belongs to. That is why each side must know exactly where a message ends.",
  elsewhere:
    "Browsers gave pipelining up, since one slow answer holds up all after it. They open six connections instead, or speak HTTP/2, which gives each answer a number. Proxies do it all the time: the requests of many people share their few connections to a server.",
  check({ exchanges, earlier }) {
    const [first, second] = exchanges;
    const failure = failureOf(first);
    if (failure) {
      return missing(
        first.request.strays.some((line) => / HTTP\/1/.test(line))
          ? "Between the two requests an empty line is missing: the server took the second one for a field of the first."
          : failure,
      );
    }
    if (second) {
      const failure = failureOf(second);
      return failure
        ? missing(`The first was answered. The second was not: ${failure}`)
        : solved;
    }
    if (/\bclose\b/i.test(valueOf(first.request, "connection") ?? "")) {
      return missing(
        "The first request says `Connection: close`, so the server read nothing after it. Remove that field.",
      );
    }
    if (first.request.version === "HTTP/1.0") {
      return missing(
        "With HTTP/1.0 the connection ends after the first answer. Write `HTTP/1.1`.",
      );
    }
    return missing(
      earlier.length > 0
        ? "That was one request on a connection of its own. Both have to be in the box when you press Send."
        : "That was one request. Type a second one below it, in the same box.",
    );
  },
};
