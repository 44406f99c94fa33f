/** A plain pattern matches what the URLPattern matches, with the same result. */

import { assertEquals } from "@std/assert";
import { matchOf, pathOf } from "../../lib/handlers/plain_pattern.ts";

const urls = [
  "http://localhost/",
  "http://localhost/?a=/b#/c",
  "http://localhost/#a?b",
  "http://user:pass@localhost:8000/files/",
  "http://localhost/files",
  "http://localhost/files/a",
  "http://localhost/FILES/a",
  "http://localhost/files/a/b%20c?d#e",
  "http://localhost/files//",
  "http://localhost/filesystem",
  "https://[::1]/notes/1",
  "http://localhost/notes/",
  "http://localhost/notes/a.b-c~d",
  "http://localhost/notes/1/lines/2",
  "http://localhost/notes/1/lines/",
  "http://localhost/notes//lines/2",
  "http://localhost/notes/1/lines/2/3",
  "http://localhost/NOTES/1/LINES/2",
];

const patterns: [init: URLPatternInit, options?: URLPatternOptions][] = [
  [{ pathname: "/" }],
  [{ pathname: "/*" }],
  [{ pathname: "/files" }],
  [{ pathname: "/files/*" }],
  [{ pathname: "/files*" }],
  [{ pathname: "/notes/:id" }],
  [{ pathname: "/:name" }],
  [{ pathname: "/FILES/*" }, { ignoreCase: true }],
  [{ pathname: "/files" }, { ignoreCase: true }],
  [{ pathname: "/notes/:id?" }],
  [{ pathname: "/notes/:id(\\d+)" }],
  [{ pathname: "/:a/:b" }],
  [{ pathname: "/:a/:b/*" }],
  [{ pathname: "/:a/*" }],
  [{ pathname: "/:a*" }],
  [{ pathname: "/:a/" }],
  [{ pathname: "/n:rest/:id" }],
  [{ pathname: "/notes/:id/lines/:line" }],
  [{ pathname: "/notes/:id/lines/:line" }, { ignoreCase: true }],
  [{ pathname: "/notes/:id/li:rest/*" }],
  [{ pathname: "/:a-:b/*" }],
  [{ pathname: "/:a.:b" }],
  [{ pathname: "//:a//*" }],
  [{ pathname: "/é/../notes/./:id" }],
  [{ pathname: "/notes{/:id}*" }],
  [{ pathname: "/files/*", search: "" }],
  [{ pathname: "/files/*", hostname: "localhost" }],
  [{ pathname: "/files/*", protocol: "https" }],
  [{}],
];

for (const [init, options] of patterns) {
  const name = JSON.stringify([init, options].filter(Boolean));
  Deno.test(`${name} matches as URLPattern does`, () => {
    const pattern = new URLPattern(init, options);
    const match = matchOf(pattern);
    for (const url of urls) {
      assertEquals(
        partsOf(match(url, pathOf(url))),
        partsOf(pattern.exec(url)),
        url,
      );
    }
  });
}

Deno.test("pathOf() is the path that new URL() tells", () => {
  for (const url of urls) assertEquals(pathOf(url), new URL(url).pathname);
});

/** All that a result tells; that of a plain pattern tells it by getters. */
function partsOf(result: URLPatternResult | null) {
  if (!result) return null;
  const { inputs, protocol, username, password, hostname } = result;
  const { port, pathname, search, hash } = result;
  return {
    ...{ inputs, protocol, username, password, hostname },
    ...{ port, pathname, search, hash },
  };
}
