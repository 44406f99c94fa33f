/** A plain pattern matches what the URLPattern matches, with the same result. */

import { assertEquals, assertThrows } from "@std/assert";
import { readPattern } from "../../lib/router/plain_pattern.ts";
import { pathOf } from "../../lib/router/url_path.ts";

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
  [{ pathname: "/a/../notes/:id" }],
  [{ pathname: "/./files" }],
  [{ pathname: "/files/a/.." }],
  [{ pathname: "/files/..a" }],
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
    assertMatchesAlike(pattern, pattern);
    const { pathname } = init;
    const isText = pathname !== undefined && Object.keys(init).length === 1;
    if (isText && !options) assertMatchesAlike(pathname, pattern);
  });
}

/** A pattern, as it is and read, tells the same of each URL. */
function assertMatchesAlike(read: URLPattern | string, pattern: URLPattern) {
  const { match, pathname } = readPattern(read);
  assertEquals(pathname, pattern.pathname);
  for (const url of urls) {
    assertEquals(
      partsOf(match(url, pathOf(url))),
      partsOf(pattern.exec(url)),
      url,
    );
  }
}

Deno.test("a plain string needs no URLPattern, but for more than a path", () => {
  const made: unknown[] = [];
  const real = globalThis.URLPattern;
  globalThis.URLPattern = class extends real {
    constructor(init: URLPatternInit) {
      made.push(init);
      super(init);
    }
  } as typeof URLPattern;
  try {
    const url = "http://localhost/notes/1?a=b";
    const { match } = readPattern("/notes/:id");
    const result = match(url, pathOf(url));
    assertEquals(result?.pathname.groups, { id: "1" });
    assertEquals(made, []);
    assertEquals(result?.search.input, "a=b");
    assertEquals(result?.hostname.input, "localhost");
    assertEquals(made, [{ pathname: "/notes/:id" }]);
  } finally {
    globalThis.URLPattern = real;
  }
});

for (const pathname of ["/:a/:a", "/:a/b/:a/*", "/(", "/:a/:b/:a"]) {
  Deno.test(`${pathname} is refused as by URLPattern`, () => {
    assertThrows(() => new URLPattern({ pathname }), TypeError);
    assertThrows(() => readPattern(pathname), TypeError);
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
