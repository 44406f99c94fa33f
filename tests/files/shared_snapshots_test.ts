/**
 * Long lists: how often the disk is asked for all who want one at the same time,
 * when that ends, and how much is held. Counted by calls, not by a clock.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { Directory } from "../../lib/files/directory.ts";
import { download } from "../../lib/files/download.ts";
import type { FoundDirectory } from "../../lib/files/found_directory.ts";
import type { Listing } from "../../lib/listing.ts";
import {
  ask,
  makeScratch,
  noChild,
  noDisk as ignore,
  type Scratch,
  serving,
} from "./scratch.ts";

const json = { headers: { accept: "application/json" } };

async function makeFiles(root: string, count: number): Promise<void> {
  await Deno.mkdir(root, { recursive: true });
  for (let at = 0; at < count; at++) {
    Deno.writeFileSync(`${root}/file-${at}.txt`, new Uint8Array(at % 7));
  }
}

async function namesOf(response: Response): Promise<string[]> {
  const listed: { name: string }[] = await response.json();
  return listed.map(({ name }) => name);
}

/** Puts something else in the place of a function of Deno, for a while. */
function replaced<Name extends "readDir" | "lstatSync">(
  name: Name,
  by: (real: typeof Deno[Name]) => typeof Deno[Name],
): Disposable {
  const real = Deno[name];
  Deno[name] = by(real);
  return {
    [Symbol.dispose]() {
      Deno[name] = real;
    },
  };
}

/** Counts how often directories are read, and what is in them looked at. */
function counted() {
  const counts = { readings: 0, most: 0, looks: 0 };
  let now = 0;
  const readings = replaced("readDir", (real) =>
    async function* (path) {
      counts.readings++;
      counts.most = Math.max(counts.most, ++now);
      try {
        yield* real(path);
      } finally {
        now--;
      }
    });
  const looks = replaced("lstatSync", (real) => (path) => {
    if (/\.txt$/.test(String(path))) counts.looks++;
    return real(path);
  });
  return {
    counts,
    [Symbol.dispose]() {
      readings[Symbol.dispose]();
      looks[Symbol.dispose]();
    },
  };
}

/** A directory that seems to hold what a generator gives. */
function holding(names: () => AsyncGenerator<string>): Disposable {
  return replaced("readDir", () =>
    async function* () {
      for await (const name of names()) {
        yield { name, isFile: true, isDirectory: false, isSymlink: false };
      }
    });
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("those who ask at the same time share one reading and one look", {
  ignore,
}, async () => {
  using _timers = heldTimers();
  await using scratch = await makeScratch();
  await makeFiles(scratch.root, 1500);
  const handler = await serving(download, scratch.root);
  using counting = counted();
  const responses = await Promise.all(
    Array.from({ length: 20 }, (_, at) => {
      const sort = at % 2 === 0 ? "size" : "modified";
      return ask(handler, `?sort=${sort}&limit=1`, json);
    }),
  );
  for (const response of responses) {
    assertEquals((await namesOf(response)).length, 1);
  }
  const { readings, looks } = counting.counts;
  assertEquals(readings, 1);
  assertEquals(looks, 1500 + 20);
});

Deno.test("who asks while it is read shares the next one, and misses nothing", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await makeFiles(root, 5);
  const handler = await serving(download, root);
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  let readings = 0;
  using _reading = replaced("readDir", (real) =>
    async function* (path) {
      readings++;
      const entries = await Array.fromAsync(real(path));
      begun.resolve();
      await goOn.promise;
      yield* entries;
    });
  const first = ask(handler, "", json);
  await begun.promise;
  await Deno.writeTextFile(`${root}/new`, "");
  const others = Array.from({ length: 10 }, () => ask(handler, "", json));
  goOn.resolve();
  assertEquals((await namesOf(await first)).length, 5);
  for (const response of others) {
    assertEquals((await namesOf(await response)).length, 6);
  }
  assertEquals(readings, 2);
});

Deno.test("two directories are read at once, and no more", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  for (let at = 0; at < 8; at++) await makeFiles(`${scratch.root}/${at}`, 3);
  const handler = await serving(download, scratch.root);
  using counting = counted();
  await Promise.all(Array.from({ length: 8 }, async (_, at) => {
    assertEquals((await namesOf(await ask(handler, `${at}/`, json))).length, 3);
  }));
  assertEquals(counting.counts.readings, 8);
  assertEquals(counting.counts.most, 2);
});

Deno.test("a long list is kept for a moment, while it is true", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await makeFiles(root, 1000);
  const handler = await serving(download, root);
  using counting = counted();
  using timers = heldTimers();
  const total = async () =>
    (await namesOf(await ask(handler, "?limit=9999", json))).length;
  assertEquals(await total(), 1000);
  assertEquals(await total(), 1000);
  // What has just changed may change again within a tick of its clock.
  assertEquals(counting.counts.readings, 2);
  using _later = inAMinute();
  for (let time = 0; time < 3; time++) assertEquals(await total(), 1000);
  assertEquals(counting.counts.readings, 3);
  await Deno.writeTextFile(`${root}/new.txt`, "");
  assertEquals(await total(), 1001);
  assertEquals(counting.counts.readings, 4);
  timers.strike();
  assertEquals(await total(), 1001);
  assertEquals(counting.counts.readings, 5);
});

Deno.test("a kept list keeps no process alive", {
  ignore: noChild,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await makeFiles(root, 1000);
  const script = new URL("kept_list.ts", import.meta.url).href;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", `--allow-read=${root}`, script, root],
    stderr: "inherit",
  }).output();
  assertEquals(new TextDecoder().decode(stdout), "2 lists, 1 reading\n");
  assertEquals(code, 0, "It was still there after a second");
});

/** Sets the clock forward, so that what was just made is old. */
function inAMinute(): Disposable {
  const now = Date.now;
  Date.now = () => now() + 60_000;
  return {
    [Symbol.dispose]() {
      Date.now = now;
    },
  };
}

/** Timers of seconds, which strike when they are told to. */
function heldTimers() {
  const { setTimeout } = globalThis;
  const held: (() => void)[] = [];
  globalThis.setTimeout = ((strike: () => void, delay: number) => {
    if (delay < 1000) return setTimeout(strike, delay);
    held.push(strike);
    return 0;
  }) as typeof setTimeout;
  return {
    strike: () => held.splice(0).forEach((strike) => strike()),
    [Symbol.dispose]() {
      globalThis.setTimeout = setTimeout;
    },
  };
}

Deno.test("a reading ends when the last who waits has left", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(download, scratch.root);
  let given = 0;
  const ended = Promise.withResolvers<void>();
  using _endless = holding(async function* () {
    try {
      for (;; given++) {
        yield `${given}`;
        if (given % 10 === 0) await turn();
      }
    } finally {
      ended.resolve();
    }
  });
  const clients = [new AbortController(), new AbortController()];
  const answers = clients.map(({ signal }) =>
    assertRejects(() => ask(handler, "", { signal }))
  );
  while (given === 0) await turn();
  clients[0].abort();
  await answers[0];
  const before = given;
  while (given < before + 100) await turn();
  clients[1].abort();
  await answers[1];
  await ended.promise;
});

/** So slow is the disk that a few looks take a turn; tells of one of them. */
function slowLooks(at: number, tell: () => void): Disposable {
  let looks = 0;
  return replaced("lstatSync", (real) => (path) => {
    if (/\.txt$/.test(String(path))) {
      const until = performance.now() + 1;
      while (performance.now() < until);
      if (++looks === at) setTimeout(tell, 0);
    }
    return real(path);
  });
}

Deno.test("looking at all entries ends when the last who waits has left", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await makeFiles(scratch.root, 500);
  const handler = await serving(download, scratch.root);
  const client = new AbortController();
  using counting = counted();
  const { counts } = counting;
  using _slow = slowLooks(50, () => client.abort());
  const { signal } = client;
  await assertRejects(() => ask(handler, "?sort=size", { signal }));
  const { looks } = counts;
  assert(looks < 500, `${looks} were looked at`);
  await turn();
  await turn();
  assertEquals(counts.looks, looks);
});

Deno.test("a piece of a list is not finished when the client has left", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  using _timers = heldTimers();
  await makeFiles(scratch.root, 2000);
  const handler = await serving(download, scratch.root);
  const response = await ask(handler, "?limit=9999", json);
  const reader = response.body!.getReader();
  await reader.read();
  using counting = counted();
  const { counts } = counting;
  const left = Promise.withResolvers<void>();
  using _slow = slowLooks(20, () => left.resolve(reader.cancel()));
  await Promise.allSettled([reader.read(), left.promise]);
  const { looks } = counts;
  await turn();
  await turn();
  assertEquals(counts.looks, looks);
  assert(looks < 100, `${looks} were looked at`);
});

Deno.test("of a long list no more is made than is read", {
  ignore,
}, async () => {
  using _timers = heldTimers();
  await using scratch = await makeScratch();
  await makeFiles(scratch.root, 3000);
  const handler = await serving(download, scratch.root);
  using counting = counted();
  const { counts } = counting;
  const whole = await ask(handler, "?limit=9999", json);
  assertEquals(whole.headers.get("vary"), "Accept, Accept-Encoding");
  const names = await namesOf(whole);
  assertEquals(names.length, 3000);
  assertEquals([names[2], names[10], names[2999]], [
    "file-2.txt",
    "file-10.txt",
    "file-2999.txt",
  ]);

  counts.looks = 0;
  const part = await ask(handler, "?limit=9999", json);
  const reader = part.body!.getReader();
  await reader.read();
  await turn();
  const { looks } = counts;
  assert(looks > 0 && looks < 1000, `${looks} were looked at`);
  await reader.cancel();
  await turn();
  assertEquals(counts.looks, looks);

  counts.looks = 0;
  const head = await ask(handler, "?limit=9999", {
    method: "HEAD",
    headers: { ...json.headers, "accept-encoding": "gzip" },
  });
  await head.body?.cancel();
  assert(counts.looks < 1000, `${counts.looks} were looked at for HEAD`);
});

Deno.test("a page shows a thousand, however many are asked for", {
  ignore,
}, async () => {
  using _timers = heldTimers();
  await using scratch = await makeScratch();
  await makeFiles(scratch.root, 1001);
  const listing = ({ entries }: Listing) => new Response(`${entries.length}`);
  const handler = await serving(
    (directory) => download(directory, { listing }),
    scratch.root,
  );
  const response = await ask(handler, "?limit=9999", {
    headers: { accept: "text/html" },
  });
  assertEquals(
    response.headers.get("link"),
    '<?limit=9999&offset=1000>; rel="next"',
  );
  assertEquals(await response.text(), "1000");
});

/** Names that together cost so many MiB. */
function longNames(mebibytes: number): () => AsyncGenerator<string> {
  return async function* () {
    const count = mebibytes * 2 ** 20 / (48 + 2 * 60_000);
    for (let at = 0; at < count; at++) {
      yield `${at}`.padEnd(60_000, "a");
    }
  };
}

Deno.test("what lists hold is bounded, and given back", {
  ignore,
}, async () => {
  using timers = heldTimers();
  await using scratch = await makeScratch();
  for (const name of ["a", "b"]) await Deno.mkdir(`${scratch.root}/${name}`);
  const handler = await serving(download, scratch.root);
  const text = { headers: { accept: "text/plain" } };
  const refused = (path: string) =>
    assertRejects(() => ask(handler, path, text), HttpError);
  {
    using _names = holding(longNames(50));
    assertEquals((await refused("a/")).status, 507);
  }
  using _names = holding(longNames(30));
  const first = await ask(handler, "a/", text);
  const error = await refused("b/");
  assertEquals(error.status, 503);
  assertEquals(new Headers(error.headers).get("retry-after"), "5");
  await first.body!.cancel();
  const second = await ask(handler, "b/", text);
  assertEquals((await refused("a/")).status, 503);
  const lines = (await second.text()).split("\n");
  assertEquals(lines.length - 1, Math.ceil(30 * 2 ** 20 / 120_048));
  await (await ask(handler, "a/", text)).body!.cancel();
  timers.strike();
});

Deno.test("a directory that turns into a link is not listed", {
  ignore: ignore || Deno.build.os === "windows",
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await makeFiles(`${root}/sub`, 1);
  const directory = await Directory.open(root);
  const way = await makeWayOut(scratch);
  using _swapping = replaced("readDir", (real) => (place) => {
    way.leadOutside();
    return real(place);
  });
  const found = directory.find("sub/") as FoundDirectory;
  const error = await assertRejects(
    () => Array.fromAsync(found.list()),
    HttpError,
  );
  assertEquals(error.status, 404);
});

Deno.test("nothing is told of files outside when it turns into a link later", {
  ignore: ignore || Deno.build.os === "windows",
}, async (t) => {
  // Of two files each is looked at once to be sorted, and once to be shown.
  for (
    const [query, out, back] of [
      ["?limit=9", 1, 9],
      ["?limit=9&sort=size", 1, 3],
      ["?limit=9&sort=size", 3, 9],
    ] as const
  ) {
    await t.step(`${query} from look ${out} to ${back}`, async () => {
      await using scratch = await makeScratch();
      const { root } = scratch;
      await makeFiles(`${root}/sub`, 2);
      const handler = await serving(download, root);
      const way = await makeWayOut(scratch);
      let looks = 0;
      using _swapping = replaced("lstatSync", (real) => (place) => {
        if (/\.txt$/.test(String(place))) {
          looks++;
          if (looks === out) way.leadOutside();
          if (looks === back) way.leadInside();
        }
        return real(place);
      });
      for (const accept of ["application/json", "text/html"]) {
        looks = 0;
        const headers = { accept };
        const error = await assertRejects(
          () => ask(handler, `sub/${query}`, { headers }),
          HttpError,
        );
        assertEquals(error.status, 404, accept);
        assert(looks >= out);
        if (looks < back) way.leadInside();
      }
    });
  }
});

/** A directory outside, and what puts a link to it in the place of `sub`. */
async function makeWayOut({ path, root }: Scratch) {
  await makeFiles(`${path}/outside`, 2);
  return {
    leadOutside() {
      Deno.renameSync(`${root}/sub`, `${path}/moved`);
      Deno.symlinkSync("../outside", `${root}/sub`);
    },
    leadInside() {
      Deno.removeSync(`${root}/sub`);
      Deno.renameSync(`${path}/moved`, `${root}/sub`);
    },
  };
}
