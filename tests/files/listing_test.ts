/** A directory as a list: what is in it, in which form, and in which order. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { download } from "../../lib/files/download.ts";
import type { Listed, Listing } from "../../lib/listing.ts";
import { ask, makeScratch, noDisk as ignore, serving } from "./scratch.ts";

const json = { headers: { accept: "application/json" } };
const html = { headers: { accept: "text/html,*/*;q=0.8" } };
const text = { headers: { accept: "text/plain" } };

async function namesOf(response: Response): Promise<string[]> {
  const listed: { name: string }[] = await response.json();
  return listed.map(({ name }) => name);
}

Deno.test("a directory is a list in the form that is asked for", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await Deno.mkdir(`${root}/sub`);
  await Deno.writeTextFile(`${root}/b.txt`, "content");
  await Deno.utime(`${root}/b.txt`, 1e9, 1e9);
  const handler = await serving(download, root);

  const list = await (await ask(handler, "", json)).json();
  const { etag } = list[0];
  assertEquals(list, [
    {
      name: "b.txt",
      type: "file",
      size: 7,
      modified: "2001-09-09T01:46:40.000Z",
      etag,
    },
    { name: "sub", type: "directory" },
  ]);
  const file = await ask(handler, "b.txt");
  assertEquals(file.headers.get("etag"), etag);
  await file.body?.cancel();

  const lines = await ask(handler, "", text);
  assertEquals(lines.headers.get("content-type"), "text/plain; charset=utf-8");
  assertEquals(lines.headers.get("vary"), "Accept, Accept-Encoding");
  assertEquals(await lines.text(), "b.txt\nsub/\n");

  const page = await ask(handler, "", html);
  assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
  assertEquals(
    page.headers.get("content-security-policy"),
    "default-src 'none'; sandbox",
  );
  const content = await page.text();
  assert(
    content.includes(
      '<a href="./sub/">sub/</a>  -  -\n' +
        '<a href="./b.txt">b.txt</a>  09-Sep-2001 01:46  7\n',
    ),
    content,
  );
});

Deno.test("who takes anything gets one link for each name, all of them", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.mkdir(`${scratch.root}/sub`);
  const names: string[] = [];
  for (let at = 0; at < 1501; at++) {
    names.push(`file ${at}`);
    await Deno.writeTextFile(`${scratch.root}/sub/file ${at}`, "");
  }
  // The list of a directory that has just changed is not kept, by a timer.
  const touch = async () => {
    await Deno.utime(`${scratch.root}/sub`, new Date(), new Date());
  };
  const plain = await serving(download, scratch.root);
  const paged = await serving(
    (directory) =>
      download(directory, { listing: () => new Response("a page") }),
    scratch.root,
  );
  for (const handler of [plain, paged]) {
    for (const accept of [undefined, "*/*", "text/*", "image/png"]) {
      const headers: HeadersInit = accept ? { accept } : {};
      await touch();
      const response = await ask(handler, "sub/", { headers });
      assertEquals(
        response.headers.get("content-type"),
        "text/html; charset=utf-8",
      );
      assertEquals(response.headers.get("link"), null);
      const content = await response.text();
      const links = [...content.matchAll(/(?:href|src)="([^"]*)"/g)]
        .map(([, link]) => link);
      assertEquals(links, [
        "../",
        ...names.map((name) => `./${encodeURIComponent(name)}`),
      ]);
    }
    const top = await (await ask(handler, "")).text();
    assertEquals(top.match(/href="[^"]*"/g), ['href="./sub/"']);
    await touch();
    const part = await (await ask(handler, "sub/?limit=2&offset=1")).text();
    assertEquals(part.match(/href="\.\/[^"]*"/g), [
      'href="./file%201"',
      'href="./file%202"',
    ]);
  }
});

Deno.test("a page has the directories first, whatever the order", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  for (const name of ["b", "d"]) await Deno.mkdir(`${scratch.root}/${name}`);
  for (const name of ["a", "c"]) {
    await Deno.writeTextFile(`${scratch.root}/${name}`, "");
  }
  const handler = await serving(download, scratch.root);
  for (
    const [query, grouped, plain] of [
      ["", ["b/", "d/", "a", "c"], ["a", "b", "c", "d"]],
      ["?order=desc", ["d/", "b/", "c", "a"], ["d", "c", "b", "a"]],
    ] as const
  ) {
    const page = await (await ask(handler, query, html)).text();
    const links = [...page.matchAll(/href="\.\/([a-d]\/?)"/g)];
    assertEquals(links.map(([, name]) => name), [...grouped]);
    assertEquals(await namesOf(await ask(handler, query, json)), [...plain]);
  }
});

Deno.test("a directory without its slash is redirected to", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.mkdir(`${scratch.root}/a%25:b/c`, { recursive: true });
  const handler = await serving(download, scratch.root);
  for (
    const [path, location] of [
      ["a%2525:b", "/files/a%2525:b/"],
      ["a%2525:b/c?sort=size", "/files/a%2525:b/c/?sort=size"],
    ]
  ) {
    const response = await ask(handler, path);
    assertEquals(response.status, 308);
    assertEquals(response.headers.get("location"), location);
    const base = `http://localhost/files/${path}`;
    assertEquals(
      (await ask(
        handler,
        new URL(location, base).href.slice("http://localhost/files/".length),
      )).status,
      200,
    );
  }
});

Deno.test("RFC 9110 §13.1.2: a list that a client has is not sent again", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  for (const name of ["a", "b"]) {
    await Deno.writeTextFile(`${root}/${name}`, "");
  }
  const handler = await serving(download, root);
  const again = async (init: typeof json, tag: string | null) => {
    const headers = { ...init.headers, "if-none-match": `"x", ${tag}` };
    const response = await ask(handler, "", { headers });
    await response.body?.cancel();
    return response;
  };
  for (const init of [json, text]) {
    const first = await ask(handler, "", init);
    await first.body?.cancel();
    const tag = first.headers.get("etag");
    const same = await again(init, tag);
    assertEquals([same.status, same.headers.get("etag")], [304, tag]);
  }
  // What changes in a file is in the list as JSON, and not in that of names.
  const tags = await Promise.all([json, text].map(async (init) => {
    const response = await ask(handler, "", init);
    await response.body?.cancel();
    return response.headers.get("etag");
  }));
  await Deno.writeTextFile(`${root}/a`, "longer");
  assertEquals((await again(json, tags[0])).status, 200);
  assertEquals((await again(text, tags[1])).status, 304);
  await Deno.writeTextFile(`${root}/c`, "");
  assertEquals((await again(text, tags[1])).status, 200);
});

Deno.test("a long list of names is known by its directory", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  for (let at = 0; at < 800; at++) {
    Deno.writeTextFileSync(`${root}/${at}${"x".repeat(100)}`, "");
  }
  const handler = await serving(download, root);
  const tagOf = async (init: RequestInit) => {
    const response = await ask(handler, "", init);
    await response.body?.cancel();
    return response.headers.get("etag");
  };
  // Another change could hide in the same tick of the clock.
  assertEquals(await tagOf(text), null);
  const { now } = Date;
  using later = new DisposableStack();
  later.defer(() => Date.now = now);
  Date.now = () => now() + 3000;
  const tag = await tagOf(text);
  assert(tag?.startsWith("W/"), `${tag}`);
  assertEquals(await tagOf(json), null);
  const headers = { ...text.headers, "if-none-match": `${tag}` };
  assertEquals((await ask(handler, "", { headers })).status, 304);
  await Deno.remove(`${root}/7${"x".repeat(100)}`);
  const changed = await ask(handler, "", { headers });
  assertEquals(changed.status, 200);
  await changed.body?.cancel();
});

Deno.test("hidden names and what is no file are not listed", {
  ignore: ignore || Deno.build.os === "windows",
}, async () => {
  await using scratch = await makeScratch();
  const { root, path } = scratch;
  await Deno.writeTextFile(`${path}/outside`, "");
  await Deno.writeTextFile(`${root}/.hidden`, "");
  await Deno.mkdir(`${root}/.well-known`);
  await Deno.writeTextFile(`${root}/.well-known/a`, "");
  await Deno.writeTextFile(`${root}/.well-known/.b`, "");
  await Deno.symlink("../outside", `${root}/leads-outside`);
  await Deno.symlink("nowhere", `${root}/leads-nowhere`);
  await Deno.symlink(".well-known", `${root}/leads-inside`);
  using _socket = Deno.listen({ transport: "unix", path: `${root}/socket` });
  const handler = await serving(download, root);
  assertEquals(await namesOf(await ask(handler, "", json)), [
    ".well-known",
    "leads-inside",
  ]);
  assertEquals(await namesOf(await ask(handler, ".well-known/", json)), ["a"]);
});

Deno.test("any name is listed so that it can be asked for", {
  ignore: ignore || Deno.build.os === "windows",
}, async () => {
  await using scratch = await makeScratch();
  const names = [
    "a b",
    "100%",
    "%41",
    "#",
    "?",
    "a:b",
    "'",
    '"><script>alert(1)</script>',
    "&amp;",
    "new\nline",
    "\x1b[31m",
    "\u{1f600}é e\u0301",
    "\u202egnp.exe",
  ];
  for (const name of names) {
    // A `/` can't be in a name.
    const path = `${scratch.root}/${name.replaceAll("/", "_")}`;
    await Deno.writeTextFile(path, name);
  }
  const handler = await serving(download, scratch.root);
  const listed = await namesOf(await ask(handler, "", json));
  assertEquals(listed.length, names.length);
  for (const name of listed) {
    const response = await ask(handler, encodeURIComponent(name));
    assertEquals((await response.text()).replaceAll("/", "_"), name);
  }
  const page = await (await ask(handler, "", html)).text();
  assert(!page.includes("<script"));
  for (const [, href] of page.matchAll(/<a href="\.\/([^"]*)">/g)) {
    assertEquals((await ask(handler, href)).status, 200);
  }
  const lines = (await (await ask(handler, "", text)).text()).split("\n");
  assertEquals(
    lines.slice(0, -1).map(decodeLine).sort(),
    listed.toSorted(),
  );
});

Deno.test("in a list for a terminal no name looks like another", {
  ignore: ignore || Deno.build.os === "windows",
}, async () => {
  await using scratch = await makeScratch();
  const lines = new Map([
    ["\u202egnp.exe", "%E2%80%AEgnp.exe"],
    ["a%E2%80%AE", "a%25E2%2580%25AE"],
  ]);
  const unseen =
    "00ad 061c 180e 200b 200c 200d 200e 200f 202a 202b 202c 202d " +
    "202e 2028 2029 2060 2066 2067 2068 2069 115f 3164 fe0f feff e0061 0085";
  for (const code of unseen.split(" ")) {
    const character = String.fromCodePoint(parseInt(code, 16));
    const name = `${code}${character}.txt`;
    lines.set(name, `${code}${encodeURIComponent(character)}.txt`);
  }
  for (const name of lines.keys()) {
    await Deno.writeTextFile(`${scratch.root}/${name}`, "");
  }
  const handler = await serving(download, scratch.root);
  const listed = (await (await ask(handler, "", text)).text()).split("\n");
  assertEquals(listed.slice(0, -1).sort(), [...lines.values()].sort());
  assertEquals(
    listed.slice(0, -1).map(decodeLine).sort(),
    [...lines.keys()].sort(),
  );
});

function decodeLine(line: string): string {
  return line.replace(/(?:%[\dA-F]{2})+/g, decodeURIComponent);
}

Deno.test("a list is sorted and cut", { ignore }, async () => {
  await using scratch = await makeScratch();
  for (let at = 0; at < 25; at++) {
    const path = `${scratch.root}/${String.fromCharCode(97 + at)}`;
    await Deno.writeFile(path, new Uint8Array((at * 7) % 25));
    await Deno.utime(path, 1e9, 1e9 + (at * 11) % 25);
  }
  const handler = await serving(download, scratch.root);
  const names = async (query: string) =>
    (await namesOf(await ask(handler, `?${query}`, json))).join("");
  const all = "abcdefghijklmnopqrstuvwxy";
  assertEquals(await names("order=asc"), all);
  assertEquals(await names("order=desc"), [...all].reverse().join(""));
  assertEquals(await names("limit=3&offset=5"), "fgh");
  assertEquals(await names("limit=3&offset=5&order=desc"), "tsr");
  assertEquals(await names("offset=24&limit=9"), "y");
  assertEquals(await names("offset=25"), "");
  const by = (step: number) =>
    [...all].toSorted((a, b) =>
      all.indexOf(a) * step % 25 - all.indexOf(b) * step % 25
    )
      .join("");
  assertEquals(await names("sort=size"), by(7));
  assertEquals(await names("sort=modified"), by(11));
  assertEquals(
    await names("sort=modified&limit=2&offset=1"),
    by(11).slice(1, 3),
  );
  const first = await ask(handler, "?sort=size&limit=10", json);
  assertEquals(
    first.headers.get("link"),
    '<?sort=size&limit=10&offset=10>; rel="next"',
  );
  await first.body?.cancel();
  const last = await ask(handler, "?limit=10&offset=20", json);
  assertEquals(last.headers.get("link"), null);
  await last.body?.cancel();
  for (const query of ["sort=type", "order=up", "limit=-1", "offset=1e3"]) {
    const error = await assertRejects(() => names(query), HttpError);
    assertEquals(error.status, 400);
  }
});

Deno.test("names are sorted as people do, and can be filtered", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const longs = ["9", "0009", "1000000000000", "999999999999"];
  for (const name of ["file10", "File2", "a b", "Zoo", "é", ...longs]) {
    await Deno.writeTextFile(`${scratch.root}/${name}`, "");
  }
  await Deno.mkdir(`${scratch.root}/middle`);
  const handler = await serving(download, scratch.root);
  const names = async (query: string) =>
    await namesOf(await ask(handler, query, json));
  assertEquals(await names(""), [
    "0009",
    "9",
    "999999999999",
    "1000000000000",
    "a b",
    "File2",
    "file10",
    "middle",
    "Zoo",
    "é",
  ]);
  assertEquals(await names("?filter=FILE"), ["File2", "file10"]);
  assertEquals(await names("?filter=FILE&order=desc&limit=1"), ["file10"]);
  assertEquals(await names("?filter=none"), []);
});

Deno.test("a page of one's own gets the list, directories first", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  for (const name of ["a", "c"]) {
    await Deno.writeTextFile(`${scratch.root}/${name}`, "");
  }
  await Deno.mkdir(`${scratch.root}/b`);
  const listings: Listing[] = [];
  const handler = await serving((directory) =>
    download(directory, {
      listing(listing) {
        listings.push(listing);
        return new Response("a page");
      },
    }), scratch.root);
  const response = await ask(handler, "?order=desc&limit=2", html);
  assertEquals(await response.text(), "a page");
  assertEquals(response.headers.get("vary"), "Accept, Accept-Encoding");
  assertEquals(
    response.headers.get("link"),
    '<?order=desc&limit=2&offset=2>; rel="next"',
  );
  const [{ entries, ...rest }] = listings;
  assertEquals(entries.map(({ name }) => name), ["b", "c"]);
  assertEquals(rest, {
    path: "/files/",
    total: 3,
    offset: 0,
    limit: 2,
    sort: "name",
    order: "desc",
    filter: "",
  });
});

Deno.test(
  "a page of a long list is a part of it, before and after it is sorted",
  {
    ignore,
  },
  async () => {
    await using scratch = await makeScratch();
    for (let at = 0; at < 1200; at++) {
      const name = `${(at * 7919) % 1200}`;
      if (at % 20 === 0) await Deno.mkdir(`${scratch.root}/${name}`);
      else await Deno.writeTextFile(`${scratch.root}/${name}`, "");
    }
    const handler = await serving(
      (directory) =>
        download(directory, {
          listing: ({ entries, total }) =>
            Response.json([total, ...entries.map(({ name }) => name)]),
        }),
      scratch.root,
    );
    const page = async (query: string) =>
      await (await ask(handler, query, html)).json();
    const queries = ["", "?limit=1000", "?offset=950&limit=50", "?offset=1150"];
    const before = await Promise.all(queries.map(page));
    const whole: Listed[] = await (await ask(handler, "?limit=9999", json))
      .json();
    // What is of one size keeps the order of names.
    const bySize = await ask(handler, "?sort=size&limit=9999", json);
    assertEquals(await bySize.json(), whole);
    const after = await Promise.all(queries.map(page));
    const { directory = [], file = [] } = Object.groupBy(
      whole,
      ({ type }) => type,
    );
    const names = [...directory, ...file].map(({ name }) => name);
    assertEquals(directory.length, 60);
    const expected = [[0, 100], [0, 1000], [950, 1000], [1150, 1200]]
      .map(([from, to]) => [1200, ...names.slice(from, to)]);
    assertEquals(before, expected);
    assertEquals(after, expected);
  },
);

Deno.test("what a reader may not read is in no list, at the top or below", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await Deno.mkdir(`${root}/a b`);
  for (const name of ["mine", "theirs", "a b/mine", "a b/theirs"]) {
    await Deno.writeTextFile(`${root}/${name}`, "");
  }
  const handler = await serving(
    (directory) =>
      download(directory, {
        mayRead: () => (names) =>
          names[0] === "a b" ? names[1] !== "theirs" : names[0] !== "mine",
      }),
    root,
  );
  assertEquals(await namesOf(await ask(handler, "", json)), ["a b", "theirs"]);
  const below = await ask(handler, "a%20b/", json);
  assertEquals(await namesOf(below), ["mine"]);
});
