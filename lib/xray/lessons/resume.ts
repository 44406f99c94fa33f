/** @module */

import { halfway, type Lesson, missing, solved, type Talk } from "./lesson.ts";
import {
  failureOf,
  flawOf,
  names,
  problemOf,
  unanswered,
} from "./near_miss.ts";
import { type ReadExchange, valueOf } from "./read_exchange.ts";

/** An upload that breaks off, and goes on. */
export const resume: Lesson = {
  id: "resume",
  title: "Resume a broken upload",
  about:
    "An upload that breaks off has to begin anew, unless the server keeps what has come. The answer 104 names a place for it in `location`: there one can ask with `HEAD` how much arrived, and send the rest with `PATCH`.",
  goal:
    "Three steps. Let the upload below break off: it announces twelve octets, and sends six. Then ask its place how far it came. Then send `world!` there, so that the file is whole.",
  start:
    "PUT /files/letter.txt HTTP/1.1\nHost: localhost\nUpload-Draft-Interop-Version: 8\nUpload-Complete: ?1\nContent-Length: 12\n\nHello ",
  hints: [
    "Send it as it stands. The first of the two answers, 104, has a field `location`: a path that begins with `/uploads/`.",
    "For the second step, send `HEAD` for that path, with `Host` and an empty line. The answer says `upload-offset: 6`.",
    "For the third step, send `PATCH` for that path, with `Upload-Offset: 6`, `Upload-Complete: ?1`, `Content-Type: application/partial-upload` and `Content-Length: 6`, and then `world!`.",
  ],
  solution: [
    "PUT /files/letter.txt HTTP/1.1\nHost: localhost\nUpload-Draft-Interop-Version: 8\nUpload-Complete: ?1\nContent-Length: 12\n\nHello ",
    "HEAD <LOCATION> HTTP/1.1\nHost: localhost\n\n",
    "PATCH <LOCATION> HTTP/1.1\nHost: localhost\nUpload-Offset: 6\nUpload-Complete: ?1\nContent-Type: application/partial-upload\nContent-Length: 6\n\nworld!",
  ],
  explanation:
    "The file came into being only with its last octet: until then others saw the old one, or none. The server counts octets, so it does not matter where the connection broke, and the client asks instead of guessing what arrived.",
  elsewhere:
    "No browser does this by itself yet: the standard is still a draft at the IETF, and this page of Sluice does it with a script. Before it there was `tus`, which this server speaks as well. A proxy that does not know 104 should pass it on; some drop it.",
  check(talk) {
    const all = [...talk.earlier, ...talk.exchanges];
    const begun = all.flatMap(({ interim, response }) => [
      ...interim.filter(({ status }) => status === 104),
      ...response?.status === 201 ? [response] : [],
    ]).map((answer) => valueOf(answer, "location"))
      .filter((place) => place?.startsWith("/uploads/"));
    const place = begun.at(-1);
    // What follows a request without a length is taken for another one.
    const last =
      talk.exchanges.findLast(({ request }) =>
        /^(?:HEAD|PATCH|POST|PUT)$/.test(request.method)
      ) ?? talk.exchanges[0];
    if (place === undefined) return missing(whyNotBegun(last));
    const { method } = last.request;
    if (method === "PATCH") return checkPatch(last, begun);
    if (method === "HEAD") return checkHead(last, begun);
    return begun.includes(valueOf(last.interim[0] ?? none, "location"))
      ? halfway(
        `The upload broke off, and the server keeps it at \`${place}\`. Ask there with \`HEAD\` how far it came.`,
      )
      : missing(
        failureOf(last) ??
          `The upload waits at \`${place}\`. ${
            wasAsked(talk, begun)
              ? "Send the rest there with `PATCH`."
              : "Ask there with `HEAD` how far it came."
          }`,
      );
  },
};

const none = { fields: new Map<string, string[]>() };

function wasAsked({ earlier }: Talk, places: (string | undefined)[]): boolean {
  return earlier.some(({ request }) =>
    request.method === "HEAD" && places.includes(request.target)
  );
}

function whyNotBegun({ request, response }: ReadExchange): string {
  const flaw = flawOf(request);
  if (flaw) return flaw;
  if (request.method !== "PUT" && request.method !== "POST") {
    return "Begin with the upload: send what was in the box at first.";
  }
  if (!request.fields.has("upload-complete")) {
    return "Without `Upload-Complete` the server keeps nothing of what breaks off. Take what was in the box at first.";
  }
  if (!request.fields.has("upload-draft-interop-version")) {
    return "The server sends a 104 only to a client that says which version of the draft it knows: `Upload-Draft-Interop-Version: 8`.";
  }
  if (response && response.status < 300) {
    return "That upload was whole. Announce twelve octets, and send six.";
  }
  return response
    ? `The server answered ${response.status}: ${problemOf(response)}.`
    : unanswered;
}

function checkHead(
  { request, response }: ReadExchange,
  places: (string | undefined)[],
) {
  const flaw = flawOf(request);
  if (flaw) return missing(flaw);
  if (!places.includes(request.target) || !response) {
    return missing(
      `The upload is at \`${places.at(-1)}\`, not at \`${request.target}\`.`,
    );
  }
  if (response.status === 404) {
    return missing(
      "That upload is over, or was too old to keep. Begin a new one.",
    );
  }
  const failure = failureOf({ request, response, interim: [] });
  if (failure) return missing(failure);
  const offset = valueOf(response, "upload-offset");
  return halfway(
    `${offset} octets have arrived, says \`upload-offset\`. Send the rest with \`PATCH\`, to the same path, with \`Upload-Offset: ${offset}\`.`,
  );
}

function checkPatch(
  exchange: ReadExchange,
  places: (string | undefined)[],
) {
  const { request, response } = exchange;
  const flaw = flawOf(request);
  if (flaw) return missing(flaw);
  if (!places.includes(request.target)) {
    return missing(
      `The upload is at \`${places.at(-1)}\`, not at \`${request.target}\`.`,
    );
  }
  if (!request.fields.has("content-length") && request.chunks === 0) {
    return missing(
      "Your part has no length, so the server took it for empty. Announce it: `Content-Length: 6`.",
    );
  }
  const isLast = names(valueOf(request, "upload-complete"), "?1");
  if (response && response.status < 300) {
    return isLast ? solved : halfway(
      "The server took that, and waits for more. The last part says `Upload-Complete: ?1`.",
    );
  }
  if (response?.status === 409) {
    return missing(
      `The server answered 409: \`Upload-Offset: ${
        valueOf(request, "upload-offset")
      }\` is not where the upload stands. Ask with \`HEAD\`.`,
    );
  }
  if (response?.status === 415) {
    return missing(
      "The server answered 415: say `Content-Type: application/partial-upload`.",
    );
  }
  if (!request.fields.has("upload-offset")) {
    return missing("Say where your part begins, by `Upload-Offset`.");
  }
  return missing(failureOf(exchange) ?? "Try once more.");
}
