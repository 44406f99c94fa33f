/** @module */

import { type Lesson, missing, solved } from "./lesson.ts";
import { failureOf, otherMethod } from "./near_miss.ts";

/** Framing: content that nobody has announced. */
export const noLength: Lesson = {
  id: "no-length",
  title: "Content without a length",
  about:
    "A request can bring content, after its empty line: `PUT` stores it as a file. The field `Content-Length` says how many octets there are.",
  goal:
    "Store `hello` as `/files/note.txt`, but do not say how long it is. See what becomes of `hello`.",
  start:
    "PUT /files/note.txt HTTP/1.1\nHost: localhost\nContent-Length: 5\n\nhello",
  hints: [
    "Remove the field that says the length, and leave the content where it is.",
    "The line `Content-Length: 5` goes; the empty line and `hello` stay.",
  ],
  solution: ["PUT /files/note.txt HTTP/1.1\nHost: localhost\n\nhello"],
  explanation:
    "Two exchanges. A request that says no length has no content: the server stored an empty file. Then it took `hello` for the beginning of the next request, and refused it with 400. In an answer it would be otherwise: what says no length there goes on until the connection ends.",
  elsewhere:
    "Browsers always know the length of what they send, or send chunks. A server that guesses here, and waits a little for content that nobody announced, can be made to disagree with the proxy in front of it. Some answer 411, Length Required, to be friendly.",
  check({ exchanges }) {
    const [first, second] = exchanges;
    const failure = failureOf(first);
    const { request } = first;
    if (request.fields.has("transfer-encoding")) {
      return missing(
        "Chunks say their own lengths, so the content did have one. Remove `Transfer-Encoding` as well.",
      );
    }
    const length = request.fields.get("content-length");
    if (length) {
      return missing(
        failure
          ? "Your request still has the field `Content-Length`, with a wrong value. Remove that line."
          : `You said the length, \`${length}\`, so all went well: the file has ${request.content.length} octets. Now leave it out.`,
      );
    }
    if (failure) return missing(failure);
    const other = otherMethod(request, "PUT", "POST");
    if (other) return missing(other);
    if (!second) {
      return missing(
        "That request says no length, and nothing follows it. Write `hello` below the empty line.",
      );
    }
    if (second.response && second.response.status < 400) {
      return missing(
        "What follows is a whole request, and was answered as one. Write `hello` there.",
      );
    }
    return solved;
  },
};
