/** @module */

import { type Lesson, missing, solved } from "./lesson.ts";
import { failureOf, otherMethod } from "./near_miss.ts";
import { valueOf } from "./read_exchange.ts";

/** Range: a part of a file. */
export const lastOctets: Lesson = {
  id: "last-octets",
  title: "The last five octets",
  about:
    "A client need not fetch a whole file. The field `Range` asks for a part: `bytes=0-4` is the first five octets, `bytes=5-` is all from the sixth on.",
  goal:
    "Ask for the last five octets of `/files/tea.txt`, as if you did not know how long it is.",
  start: "GET /files/tea.txt HTTP/1.1\nHost: localhost\nRange: bytes=0-4\n\n",
  hints: [
    "Leave out the first number: what remains counts from the end.",
    "Write `Range: bytes=-5`.",
  ],
  solution: [
    "GET /files/tea.txt HTTP/1.1\nHost: localhost\nRange: bytes=-5\n\n",
  ],
  explanation:
    "`206` says that this is a part, and `content-range` says which one, and of how many octets. By this a player skips in a film, and a download goes on where it broke off. A server may also ignore `Range`, and send the whole with 200.",
  elsewhere:
    "Browsers ask in ranges for video and for downloads that go on, with `If-Range`, so that they do not put two versions of a file together. Many caches keep whole files only, and cut the parts out of those.",
  check({ exchanges: [first] }) {
    const { request, response } = first;
    const range = valueOf(request, "range");
    if (response?.status === 416) {
      return missing(
        `The server answered 416: the file has nothing at \`${range}\`. Its \`content-range\` says how long it is.`,
      );
    }
    const failure = failureOf(first);
    if (failure) return missing(failure);
    const other = otherMethod(request, "GET");
    if (other) return missing(other);
    if (range === undefined) {
      return missing("That was the whole file. The field `Range` is missing.");
    }
    if (response!.status !== 206) {
      return missing(
        /^bytes\s*=/i.test(range)
          ? `The server ignored \`Range: ${range}\`, and sent the whole: that is not how a range is written.`
          : "The server ignored the range, and sent the whole, because the value has to begin with `bytes=`.",
      );
    }
    if (/^bytes\s*=\s*-5$/i.test(range.trim())) return solved;
    if (range.includes(",")) {
      return missing("Those are several ranges at once. Ask for one.");
    }
    const count = response!.content.length;
    if (/=\s*-/.test(range)) {
      return missing(
        `Those are ${count} octets from the end. The lesson wants five.`,
      );
    }
    return missing(
      /-\s*$/.test(range)
        ? "You counted from the start, for which you have to know the length. Leave out the first number instead."
        : `\`${range}\` counts from the start. Leave out the first number.`,
    );
  },
};
