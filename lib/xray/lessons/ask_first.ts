/** @module */

import { type Lesson, missing, solved } from "./lesson.ts";
import { failureOf, flawOf, names, otherMethod } from "./near_miss.ts";
import { valueOf } from "./read_exchange.ts";

/** 100 Continue. */
export const askFirst: Lesson = {
  id: "ask-first",
  title: "Ask before you send",
  about:
    "Before it sends a large file, a client can ask whether it is welcome: it sends the head with `Expect: 100-continue`, and waits. In this box `\\w` stands for such a wait: what follows it is sent when the server has answered something.",
  goal:
    "Store `hello` as `/files/asked.txt`, but send the content only when the server has said `100 Continue`.",
  start:
    "PUT /files/asked.txt HTTP/1.1\nHost: localhost\nContent-Length: 5\n\nhello",
  hints: [
    "Add a field that says that you wait.",
    "The field is `Expect: 100-continue`. Then put `\\w` where you want to wait.",
    "The last line becomes `\\whello`: wait, then send.",
  ],
  solution: [
    "PUT /files/asked.txt HTTP/1.1\nHost: localhost\nExpect: 100-continue\nContent-Length: 5\n\n\\whello",
  ],
  explanation:
    "There are two answers to one request: an interim one, `100 Continue`, and the final one. Had the file been too large, the server would have said 413 at once, and you would have spared yourself the upload. If the content comes without a wait, this server leaves the 100 out.",
  elsewhere:
    "Browsers never ask. `curl` does for more than a megabyte, and waits no longer than a second, since some servers have never heard of it. A proxy has to pass the question on, and many answer it themselves.",
  check({ exchanges: [first, second] }) {
    const { request, response, interim } = first;
    const flaw = flawOf(request);
    if (flaw) return missing(flaw);
    const isAsking = names(valueOf(request, "expect"), "100-continue");
    if (response?.status === 417) {
      return missing(
        `The server knows no such expectation, and answered 417. Write \`100-continue\`.`,
      );
    }
    const other = otherMethod(request, "PUT", "POST");
    if (other) return missing(other);
    if (!isAsking) {
      return missing(
        "All was sent without a question. Add `Expect: 100-continue`.",
      );
    }
    if (request.version === "HTTP/1.0") {
      return missing(
        "A client of HTTP/1.0 would not understand a 100, so the server sent none. Write `HTTP/1.1`.",
      );
    }
    if (!request.fields.has("content-length") && !request.chunks) {
      return missing(
        "You asked, but announced no content: the server had nothing to wait for. Add `Content-Length: 5`.",
      );
    }
    const wasInvited = interim.some(({ status }) => status === 100);
    if (wasInvited && second) {
      return missing(
        "You asked and waited, but more content came than you announced. `\\w` and `hello` stand on one line: a line end is content, too.",
      );
    }
    if (wasInvited && response && response.status < 300) return solved;
    if (wasInvited) {
      return missing(
        `The server said 100, and then ${
          response?.status ?? "nothing"
        }: the content did not come as announced. Send as many octets as \`Content-Length\` says, after \`\\w\`.`,
      );
    }
    return missing(
      failureOf(first) ??
        "You asked, but did not wait: the content came along with the question, and the server left the 100 out. Put `\\w` right before `hello`, after the empty line.",
    );
  },
};
