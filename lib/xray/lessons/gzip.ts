/** @module */

import { type Lesson, missing, solved } from "./lesson.ts";
import { failureOf, names, otherMethod } from "./near_miss.ts";
import { valueOf } from "./read_exchange.ts";

/** Content codings, and Vary. */
export const gzip: Lesson = {
  id: "gzip",
  title: "Smaller on the way",
  about:
    "Text can be compressed on its way, if the client says that it can undo that. A client says what it would like in fields whose names begin with `Accept`.",
  goal:
    "Get `/files/tea.txt` compressed by gzip. Then find the field that warns caches: the answer depends on what was asked.",
  start: "GET /files/tea.txt HTTP/1.1\nHost: localhost\n\n",
  hints: [
    "Add a field below `Host`. It names the coding that you accept.",
    "The field is `Accept-Encoding`.",
    "Write `Accept-Encoding: gzip`.",
  ],
  solution: [
    "GET /files/tea.txt HTTP/1.1\nHost: localhost\nAccept-Encoding: gzip\n\n",
  ],
  explanation:
    "`content-encoding: gzip` says how to read the content, and `content-length` counts the compressed octets. `vary: Accept-Encoding` tells a cache to keep this answer only for clients that say the same; otherwise somebody who cannot read gzip would get it.",
  elsewhere:
    "A browser asks for gzip, Brotli and Zstandard each time, and undoes them before a page sees anything. Some proxies compress what the server did not, or undo it; and then a validator like `etag` no longer fits, which is why it differs here: compare the two.",
  check({ exchanges: [first] }) {
    const failure = failureOf(first);
    if (failure) return missing(failure);
    const { request, response } = first;
    if (valueOf(response!, "content-encoding") === "gzip") {
      const other = otherMethod(request, "GET");
      return other ? missing(other) : solved;
    }
    const accepted = valueOf(request, "accept-encoding");
    if (accepted === undefined) {
      return missing(
        [...request.fields.keys()].some((name) => /encoding|accept/.test(name))
          ? "The answer came as it is: the field that names codings is `Accept-Encoding`."
          : "The answer came as it is, because you did not say that you accept gzip.",
      );
    }
    if (/gzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)/i.test(accepted)) {
      return missing("`q=0` means: not at all. Write `gzip` without a weight.");
    }
    if (!names(accepted, "gzip")) {
      return missing(
        `The server knows no coding \`${accepted}\`, so it sent the content as it is. The name is \`gzip\`.`,
      );
    }
    return missing(
      request.target === "/files/tea.txt"
        ? "You accept gzip, but `/files/tea.txt` is too short to gain by it: a `PUT` has replaced it. Delete it under Files and start the server again, which brings the first one back."
        : "You accept gzip, but that content is too short to gain by it. Ask for `/files/tea.txt`.",
    );
  },
};
