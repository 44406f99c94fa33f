/** @module */

import { type Lesson, missing, solved } from "./lesson.ts";
import { flawOf, names, problemOf } from "./near_miss.ts";
import { valueOf } from "./read_exchange.ts";

/** Two lengths: request smuggling. */
export const smuggle: Lesson = {
  id: "smuggle",
  title: "Smuggle a request",
  about:
    "`Content-Length` and `Transfer-Encoding: chunked` both say where content ends. If a request has both, a proxy could go by one and the server behind it by the other. What the proxy takes for content would be a request for the server: one that nobody has checked.",
  goal:
    "Try it. Give the first request below both lengths, so that the second one hides in its content. See why it gets nowhere.",
  start:
    "POST /files/cover.txt HTTP/1.1\nHost: localhost\nContent-Length: 53\n\n0\n\nGET /echo/smuggled HTTP/1.1\nHost: localhost\n\n",
  hints: [
    "By `Content-Length` all below is content. Add the field by which it ends at the `0`.",
    "Add `Transfer-Encoding: chunked` below `Content-Length`.",
  ],
  solution: [
    "POST /files/cover.txt HTTP/1.1\nHost: localhost\nContent-Length: 53\nTransfer-Encoding: chunked\n\n0\n\nGET /echo/smuggled HTTP/1.1\nHost: localhost\n\n",
  ],
  explanation:
    "One answer, 400, and the end of the connection: the server does not choose between two lengths, and it never looked at what follows. The standard would let it go by the chunks and then close. To refuse is safer: then it does not matter what a proxy would have chosen.",
  elsewhere:
    "No browser can be made to send this, since scripts may set neither field. Attackers write it by hand, as you did. In 2005, and again in 2019, many pairs of proxies and servers turned out to disagree, by a space before a colon, by `chunked` in a value twice, by a bare LF; each of these is refused here.",
  check({ exchanges }) {
    const [{ request, response }] = exchanges;
    const flaw = flawOf(request);
    if (flaw) return missing(flaw);
    const lengths = request.fields.get("content-length") ?? [];
    const coding = valueOf(request, "transfer-encoding");
    if (lengths.length > 0 && coding !== undefined) {
      return /must not be combined/.test(response?.content ?? "")
        ? solved
        : missing(
          names(coding, "chunked")
            ? `The server answered ${response?.status} for another reason: ${
              problemOf(response ?? { content: "" })
            }.`
            : `The server knows no transfer coding \`${coding}\`. Write \`chunked\`.`,
        );
    }
    if (lengths.length > 1) {
      return missing(
        "Two fields `Content-Length` are refused as well, by another rule. This lesson wants one of them, and `Transfer-Encoding: chunked`.",
      );
    }
    if (coding !== undefined) {
      return missing(
        exchanges.length > 1
          ? "By the chunks alone, the second request was none of the content, and was answered in plain sight. Add `Content-Length` as well."
          : "There are only chunks. Add `Content-Length` as well.",
      );
    }
    if (lengths.length === 1) {
      return missing(
        exchanges.length > 1
          ? "The length ended before the second request, which was answered in plain sight. Say both lengths."
          : "There is one length only: all of the rest was taken for content. Add `Transfer-Encoding: chunked`.",
      );
    }
    return missing(
      "Neither length is there, so the request has no content. Say both.",
    );
  },
};
