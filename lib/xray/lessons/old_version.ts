/** @module */

import { type Lesson, missing, solved } from "./lesson.ts";
import { failureOf, names } from "./near_miss.ts";
import { valueOf } from "./read_exchange.ts";

/** HTTP/1.0: no Host, and a connection for each request. */
export const oldVersion: Lesson = {
  id: "old-version",
  title: "Speak HTTP/1.0",
  about:
    "HTTP/1.0 dates from 1996. It has no `Host`, and each request took a connection of its own: the server closed it after the answer, and that was the end of the content, too.",
  goal:
    "Ask for `/echo/hello` as in 1996, and find the field by which the answer says that the connection ends.",
  start: "GET /echo/hello HTTP/1.1\nHost: localhost\n\n",
  hints: [
    "The version is the third word of the first line.",
    "Write `HTTP/1.0`. The line with `Host` may go.",
  ],
  solution: ["GET /echo/hello HTTP/1.0\n\n"],
  explanation:
    "The server answers as HTTP/1.1, because that is what it speaks, but does nothing that a client of HTTP/1.0 would not understand: no chunks, no 100, and `connection: close` at the end. With HTTP/1.1 a connection stays open until one side says that field.",
  elsewhere:
    "Browsers have given HTTP/1.0 up. Proxies have not: nginx asked the servers behind it by HTTP/1.0 for twenty years. `ab` and many health checks still do.",
  check({ exchanges: [first] }) {
    const failure = failureOf(first);
    if (failure) return missing(failure);
    const { request, response } = first;
    if (request.version !== "HTTP/1.0") {
      return missing(
        names(valueOf(request, "connection"), "close")
          ? "`Connection: close` ends the connection as well, but that is how HTTP/1.1 says it. Change the version."
          : `You spoke \`${request.version}\`, and the connection stays open. Write \`HTTP/1.0\`.`,
      );
    }
    if (!names(valueOf(response!, "connection"), "close")) {
      return missing(
        "By `Connection: keep-alive` you asked the server not to close. Remove that field.",
      );
    }
    if (!request.target.startsWith("/echo/")) {
      return missing(
        `You asked for \`${request.target}\`, not \`/echo/hello\`.`,
      );
    }
    return solved;
  },
};
