/** @module */

import { type Lesson, missing, solved } from "./lesson.ts";
import { flawOf, problemOf, unanswered } from "./near_miss.ts";

/** Host: exactly one in each request. */
export const host: Lesson = {
  id: "host",
  title: "Leave out the Host",
  about:
    "Many sites can live at one address. The field `Host` says which of them is meant, and HTTP/1.1 demands exactly one such field in each request.",
  goal: "Send a request of HTTP/1.1 that has no `Host`, and read the answer.",
  start: "GET /echo/hello HTTP/1.1\nHost: localhost\n\n",
  hints: [
    "Take a line away. The empty line at the end has to stay.",
    "Remove `Host: localhost`, with its line.",
  ],
  solution: ["GET /echo/hello HTTP/1.1\n\n"],
  explanation:
    "The server says 400, names the rule, and closes the connection: a client that gets this wrong may be wrong about more. X-ray marks the place where the field should have been.",
  elsewhere:
    "A browser always sends `Host`, from the address that you typed. A proxy chooses the server by it. If a request had two, a proxy could go by the first and a server by the second, and let somebody in who was to be kept out: two are refused as well.",
  check({ exchanges: [{ request, response }] }) {
    const flaw = flawOf(request);
    if (flaw) return missing(flaw);
    if (request.fields.has("host ") || request.fields.has("host\t")) {
      return missing(
        "There is a space between `Host` and its colon, and the server refused that. Remove the whole line.",
      );
    }
    const hosts = request.fields.get("host") ?? [];
    if (hosts.length > 1) {
      return missing(
        "You sent the field `Host` twice, so the server answered 400. This lesson wants a request without one.",
      );
    }
    if (hosts.length === 1) {
      return missing(
        hosts[0] === ""
          ? "You sent a `Host` without a value, and that is allowed: it means that there is no name. Remove the whole line."
          : `Your request has a \`Host\`: \`${
            hosts[0]
          }\`. Remove the whole line.`,
      );
    }
    if (request.version === "HTTP/1.0") {
      return missing(
        "HTTP/1.0 is older than the field `Host`, so the server did not miss it. Write `HTTP/1.1`.",
      );
    }
    if (response?.status === 400 && /Host/.test(response.content)) {
      return solved;
    }
    return missing(
      response
        ? `There is no \`Host\`, but the server stopped at something else: ${
          problemOf(response)
        }.`
        : unanswered,
    );
  },
};
