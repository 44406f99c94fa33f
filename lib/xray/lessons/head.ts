/** @module */

import { type Lesson, missing, solved } from "./lesson.ts";
import { failureOf, otherMethod } from "./near_miss.ts";

/** HEAD: an answer without its content. */
export const head: Lesson = {
  id: "head",
  title: "Only the head",
  about:
    "The first word of a request is its method: what the server is to do. `GET` asks for a thing, `PUT` stores one, and `HEAD` asks only what `GET` would say about it.",
  goal: "Find out how long `/files/tea.txt` is, without having it sent to you.",
  start: "GET /files/tea.txt HTTP/1.1\nHost: localhost\n\n",
  hints: [
    "Send it as it stands first, and look at `content-length` in the answer. Then ask for the head alone.",
    "Put another word in the place of `GET`.",
    "The word is `HEAD`, in capitals.",
  ],
  solution: ["HEAD /files/tea.txt HTTP/1.1\nHost: localhost\n\n"],
  explanation:
    "`content-length` says how many octets `GET` would send, and none of them follow. Whoever reads such an answer must know that the question was `HEAD`: otherwise the next answer would be taken for this content.",
  elsewhere:
    "Browsers hardly ever send `HEAD`. Link checkers and download managers do; and some servers, careless, answer with a length other than that of `GET`, or with the content as well, which spoils the connection for what follows.",
  check({ exchanges: [first] }) {
    const failure = failureOf(first);
    if (failure) return missing(failure);
    const { method, target } = first.request;
    if (method === "GET") {
      return missing(
        "With `GET` the server sent the whole file as well. Ask for the head alone.",
      );
    }
    const other = otherMethod(first.request, "HEAD");
    if (other) return missing(other);
    if (!target.startsWith("/files/") || target.endsWith("/")) {
      return missing(
        `That was the head of \`${target}\`. Ask for the one of \`/files/tea.txt\`.`,
      );
    }
    return solved;
  },
};
