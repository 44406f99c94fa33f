/** @module */

import { type Lesson, missing, solved } from "./lesson.ts";
import { flawOf, problemOf } from "./near_miss.ts";

/** 505: a version that the server does not speak. */
export const version: Lesson = {
  id: "version",
  title: "Make it answer 505",
  about:
    "Each answer has a status of three digits. The first one tells whose turn it is: 2 means done, 3 look elsewhere, 4 your mistake, 5 the server's.",
  goal:
    "Make this server answer 505: it understood the request, but does not speak that version.",
  start: "GET /echo/hello HTTP/1.1\nHost: localhost\n\n",
  hints: [
    "Ask for a version that this server does not know. It must be written like one: `HTTP/`, a digit, a dot, a digit.",
    "A change after the dot is not enough: whoever speaks 1.1 understands 1.2 by its rules.",
    "Write `HTTP/2.0`.",
  ],
  solution: ["GET /echo/hello HTTP/2.0\nHost: localhost\n\n"],
  explanation:
    "The first digit is the major version: another one means other octets, so the server cannot go on. The second is the minor version: it may be higher, since it only adds what an older side may ignore.",
  elsewhere:
    "HTTP/2 and HTTP/3 exist, and browsers use them, but nobody asks for them like this. A browser learns while TLS begins, or from a field `Alt-Svc`, what a server speaks. The octets are no longer lines of text, though methods, fields and statuses mean the same.",
  check({ exchanges: [{ request, response }] }) {
    const flaw = flawOf(request);
    if (response?.status === 505) return solved;
    if (flaw) return missing(flaw);
    const [, major, minor] = /^HTTP\/(\d)\.(\d)$/.exec(request.version) ?? [];
    if (major === undefined) {
      return missing(
        `\`${request.version}\` is not written like a version, so the server answered ${response?.status}: it could not even read it. Write \`HTTP/\` in capitals, a digit, a dot and a digit.`,
      );
    }
    if (minor !== "1" && major === "1") {
      return missing(
        `The server answered ${response?.status}: it takes \`${request.version}\` for a version that it speaks, because the digit before the dot is the same. Change that one.`,
      );
    }
    if (response && response.status >= 400) {
      return missing(
        `The server answered ${response.status}, for another reason: ${
          problemOf(response)
        }. Only the version, at the end of the first line, has to change.`,
      );
    }
    return missing(
      "That is a version that the server speaks. Change the digits at the end of the first line.",
    );
  },
};
