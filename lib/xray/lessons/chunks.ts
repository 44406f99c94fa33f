/** @module */

import { type Lesson, missing, solved } from "./lesson.ts";
import { failureOf, names, otherMethod, unanswered } from "./near_miss.ts";
import { type ReadRequest, valueOf } from "./read_exchange.ts";

/** The chunked coding, by hand. */
export const chunks: Lesson = {
  id: "chunks",
  title: "Chunks by hand",
  about:
    "A client that does not know the length in advance can send content in pieces. `Transfer-Encoding: chunked` says so. Each chunk is a line with its size, and then as many octets, and a line end. A chunk of size 0 and an empty line say that this was all.",
  goal:
    "Store `Green tea` as `/files/chunks.txt`, in two chunks: `Gree` and `n tea`.",
  start:
    "PUT /files/chunks.txt HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n4\nGree\n",
  hints: [
    "The first chunk is there. Continue with the size of the second one, on a line of its own. A space is an octet, too.",
    "`n tea` has five octets: write `5`, and below it `n tea`.",
    "Then write `0`, and an empty line at the very end.",
  ],
  solution: [
    "PUT /files/chunks.txt HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n4\nGree\n5\nn tea\n0\n\n",
  ],
  explanation:
    "The sizes are hexadecimal: ten octets are `a`. The line ends around a chunk are not part of the content, so the file has nine octets. Without the last chunk the server would know that something is missing: that is why chunks are safer than content that ends with the connection.",
  elsewhere:
    "Servers send pages in chunks while they still compute them; browsers put them together, and no script sees where one ended. Proxies cut chunks anew as they like. And HTTP/2 has no chunks: there each frame has a length.",
  check({ exchanges: [first] }) {
    const { request, response } = first;
    const coding = valueOf(request, "transfer-encoding");
    if (request.isHeadWhole && coding === undefined) {
      return missing(
        request.fields.has("content-length")
          ? "You said the length in advance. Send `Transfer-Encoding: chunked` instead."
          : "Nothing announces chunks: add `Transfer-Encoding: chunked`.",
      );
    }
    if (!response || response.status === 400) {
      return missing(
        whyCutShort(request, response?.content) ??
          failureOf(first) ?? unanswered,
      );
    }
    const failure = failureOf(first);
    if (failure) return missing(failure);
    const other = otherMethod(request, "PUT", "POST");
    if (other) return missing(other);
    if (!names(coding, "chunked")) {
      return missing("Write `Transfer-Encoding: chunked`.");
    }
    if (request.content !== "Green tea") {
      return missing(
        `The server stored \`${request.content}\`. The lesson wants \`Green tea\`.`,
      );
    }
    if (request.chunks < 2) {
      return missing("That was one chunk. Send the same in two.");
    }
    return solved;
  },
};

/** What is wrong with chunks that the server did not take. */
function whyCutShort(
  request: ReadRequest,
  answer = "",
): string | undefined {
  // The size took the CR for content, so the LF stands alone.
  if (answer.includes("not LF alone") && !request.hasBareLf) {
    return "A chunk has one octet less than its size says. Count again: the line end after it does not count.";
  }
  if (answer.includes("longer than its size")) {
    return "A chunk and its size do not agree: there is no line end after as many octets as it says. Count again: every letter and space is one.";
  }
  if (answer.includes("chunk size is invalid")) {
    return "Where the server looked for the size of a chunk, there was something else. Each size stands alone on its line, with no empty line before it. Or the chunk before has fewer octets than it says.";
  }
  if (answer.includes("within a chunk")) {
    return "The server waited for more: a chunk has fewer octets than its size says. Count again.";
  }
  if (!answer.includes("before it was complete")) return undefined;
  if (request.chunks === 0) {
    return "Content in chunks begins with a size on a line of its own: `4`, and below it `Gree`.";
  }
  if (!request.hasLastChunk) {
    return "The server waited for more: there was no last chunk. Write `0`, and leave an empty line after it.";
  }
  return "The last chunk is there, and the empty line after it is missing. Press Enter once more.";
}
