/** @module */

import { type Lesson, missing, solved } from "./lesson.ts";
import { flawOf, otherMethod, problemOf, unanswered } from "./near_miss.ts";
import { valueOf } from "./read_exchange.ts";

/** Half-close: the end of a direction is not the end of a message. */
export const halfClose: Lesson = {
  id: "half-close",
  title: "Close one half",
  about:
    "A connection has two directions, and each can be closed by itself. When this page has sent all that is in the box, it ends its side: the server hears that nothing more will come, and can still answer. This is called a half-close.",
  goal:
    "Announce ten octets of content, and send five. Find out what the server makes of them when your side ends.",
  start:
    "PUT /files/half.txt HTTP/1.1\nHost: localhost\nContent-Length: 5\n\nhello",
  hints: [
    "Say a larger length than the content has. The page ends its side after `hello` by itself.",
    "Write `Content-Length: 10`.",
  ],
  solution: [
    "PUT /files/half.txt HTTP/1.1\nHost: localhost\nContent-Length: 10\n\nhello",
  ],
  explanation:
    "The answer came although your side was closed, and it says 400: a request ends where its length says, never where the connection ends. The server has stored nothing, for half a file would look like a whole one. Had you kept your side open, it would have waited, and answered 408 in the end.",
  elsewhere:
    "Browsers never half-close; `nc -N` does. Some servers and proxies take it for a client that has gone, and throw the answer away. A client that reads an answer without a length cannot tell its end from a broken connection: chunks were invented for that.",
  check({ exchanges: [{ request, response }] }) {
    const flaw = flawOf(request);
    if (flaw) return missing(flaw);
    const other = otherMethod(request, "PUT", "POST");
    if (other) return missing(other);
    const length = valueOf(request, "content-length");
    if (isCutShort(response) && length !== undefined) return solved;
    if (length === undefined) {
      return missing(
        request.fields.has("transfer-encoding")
          ? "Say a length instead of chunks here."
          : "No content was announced, so none was missing. Add `Content-Length: 10`.",
      );
    }
    if (response && response.status < 300) {
      return missing(
        request.beyond !== "" || request.content.length < 1
          ? `You announced ${length} octets, and there were at least as many. Announce more than you send.`
          : `The request was whole: you announced ${length} octets and sent them; line ends count, too. Announce more than you send.`,
      );
    }
    return missing(
      response
        ? `The server answered ${response.status} for another reason: ${
          problemOf(response)
        }.`
        : unanswered,
    );
  },
};

function isCutShort(response: { status: number; content: string } | undefined) {
  return response?.status === 400 && /shorter/.test(response.content);
}
