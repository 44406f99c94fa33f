/** @module */

import { halfway, type Lesson, missing, solved, type Talk } from "./lesson.ts";
import { failureOf, flawOf, unanswered } from "./near_miss.ts";
import { type ReadExchange, valueOf } from "./read_exchange.ts";

/** Preconditions: 304 and 412. */
export const noChange: Lesson = {
  id: "no-change",
  title: "Only if it changed: 304 and 412",
  about:
    "The field `etag` in an answer is a name for this very version of a file, in quotes. A client sends it back to make its request conditional: `If-None-Match` means “only if it is not this version”, `If-Match` means “only if it still is”.",
  goal:
    "Two steps. First ask for `/files/tea.txt` so that the server answers 304: you have it already. Then try to replace it with `PUT` so that the server answers 412: it would be the wrong version.",
  start: "GET /files/tea.txt HTTP/1.1\nHost: localhost\n\n",
  hints: [
    "Send it as it stands, and find `etag` in the answer. Then ask again, with a field `If-None-Match` that has this value, quotes included.",
    'For the 412, send `PUT /files/tea.txt` with `If-Match` and some other name in quotes, such as `"old"`.',
    "A `PUT` has content: `Content-Length: 3`, an empty line, and then `abc`.",
  ],
  solution: [
    "GET /files/tea.txt HTTP/1.1\nHost: localhost\n\n",
    "GET /files/tea.txt HTTP/1.1\nHost: localhost\nIf-None-Match: <ETAG>\n\n",
    'PUT /files/tea.txt HTTP/1.1\nHost: localhost\nIf-Match: "old"\nContent-Length: 3\n\nabc',
  ],
  explanation:
    "A 304 has no content: the client shows what it kept. A 412 protects what somebody else has written in the meantime: two people edit one file, each sends the version that they began with, and the second one is told instead of destroying the work of the first.",
  elsewhere:
    "Browsers send `If-None-Match` by themselves, for all that they keep, and then show a page as if it had come anew. They never send `If-Match`: programs do. Many servers have no `etag` that is safe for it, or change it whenever the server is started.",
  check({ exchanges, earlier }) {
    const has = (status: number) =>
      [...earlier, ...exchanges].some(({ response }) =>
        response?.status === status
      );
    if (has(304) && has(412)) return solved;
    const last = exchanges.at(-1)!;
    if (has(412)) {
      const done = "That is the 412. Now the 304: `GET` with `If-None-Match`.";
      return last.response?.status === 412
        ? halfway(done)
        : missing(whyNo304(last, { exchanges, earlier }));
    }
    if (has(304)) {
      return last.response?.status === 304
        ? halfway("That is the 304. Now the 412: `PUT` with `If-Match`.")
        : missing(whyNo412(last));
    }
    return missing(whyNo304(last, { exchanges, earlier }));
  },
};

function whyNo304(last: ReadExchange, { earlier }: Talk): string {
  const failure = failureOf(last);
  if (failure) return failure;
  const { request, response } = last;
  if (request.method === "PUT") {
    return 'The server stored that. Begin with the `GET`; and for a `PUT` that is refused, add `If-Match: "old"`.';
  }
  const known = valueOf(request, "if-none-match");
  const etag = valueOf(response!, "etag");
  if (known === undefined) {
    if (request.fields.has("if-match")) {
      return "`If-Match` is for changes. For a `GET` use `If-None-Match`.";
    }
    return etag
      ? `The file came, with \`etag: ${etag}\`. Now ask again, and add \`If-None-Match: ${etag}\`.`
      : "That answer has no `etag`. Ask for `/files/tea.txt`.";
  }
  if (!/^(?:W\/)?"|^\*$/.test(known)) {
    return `The name of a version is in quotes, and \`${known}\` is not. Copy all of the value of \`etag\`.`;
  }
  const wasKnown = earlier.some(({ response }) =>
    response && valueOf(response, "etag") === known
  );
  return wasKnown
    ? `\`${known}\` is the name of another version, or of another file: the server sent it anew. Its name is \`${etag}\`.`
    : `The server sent the file, because its version is not \`${known}\` but \`${etag}\`.`;
}

function whyNo412({ request, response }: ReadExchange): string {
  const flaw = flawOf(request);
  if (flaw) return flaw;
  if (!response) return unanswered;
  if (request.method !== "PUT") {
    return "You have the 304. For the 412 send a `PUT`.";
  }
  if (!request.fields.has("if-match") && !request.fields.has("if-none-match")) {
    return `You said no condition, so the server stored it and answered ${response.status}. Add \`If-Match: "old"\`.`;
  }
  if (response.status < 300) {
    return `Your condition was true, so the server stored it and answered ${response.status}. Name a version that is not the current one.`;
  }
  return failureOf({ request, response, interim: [] }) ?? "Try once more.";
}
