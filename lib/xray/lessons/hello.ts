/** @module */

import { type Lesson, missing, solved } from "./lesson.ts";
import { failureOf } from "./near_miss.ts";

/** The first request. */
export const hello: Lesson = {
  id: "hello",
  title: "Say hello",
  about:
    "A browser asks, and a server answers. The question is a few lines of text, so you can type it yourself: a first line that says what you want, a line that says from which host, and an empty line that says that you are done.",
  goal:
    "This server repeats whatever you write after `/echo/`. Make it answer `hello`.",
  start: "GET /echo/ HTTP/1.1\nHost: localhost\n\n",
  hints: [
    "The first line has three words: what to do, with what, and the version of HTTP. Only the second one has to change.",
    "Write `hello` right after `/echo/`, and press Send.",
  ],
  solution: ["GET /echo/hello HTTP/1.1\nHost: localhost\n\n"],
  explanation:
    "The answer has the shape of your request: a first line, some fields, an empty line, and then its content. A field is a line with a name, a colon and a value. `200` says that it worked. `content-length` says how many octets of content there are, for nothing else marks their end. Point at any part of either message to read what it is.",
  elsewhere:
    "A browser sends the same lines, and about ten more: which languages you read, which images it can show, which page you came from. Its developer tools show what it understood of them, not the octets.",
  check({ exchanges: [first] }) {
    const failure = failureOf(first);
    if (failure) return missing(failure);
    const { request, response } = first;
    if (!request.target.startsWith("/echo/")) {
      return missing(
        `You asked for \`${request.target}\`. The path that repeats begins with \`/echo/\`.`,
      );
    }
    if (request.method === "HEAD") {
      return missing(
        "`HEAD` asks for the head of an answer alone. Write `GET`.",
      );
    }
    const said = response!.content.trim();
    if (said.toLowerCase() === "hello") return solved;
    return missing(
      said === ""
        ? "The server repeated nothing, because nothing follows `/echo/`. Write `hello` after it."
        : "The server repeated something else than `hello`. Only what follows `/echo/` matters.",
    );
  },
};
