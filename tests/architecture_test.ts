/**
 * The walls of the house: which room imports which, and what is never said in
 * one. Reads the source text of main.ts, mod.ts and lib/; a rule that turns out
 * wrong is changed in a table here.
 */

import { assert, assertEquals, assertGreater } from "@std/assert";

/** The files of lib/ that belong to no room and import nothing. */
const leaves = [
  "lib/authority.ts",
  "lib/errors.ts",
  "lib/folded_path.ts",
  "lib/form.ts",
  "lib/handler.ts",
  "lib/lasting_octets.ts",
  "lib/limits.ts",
  "lib/listing.ts",
  "lib/observer.ts",
  "lib/slots.ts",
  "lib/telemetry.ts",
  "lib/transfer_buffer.ts",
  "lib/field_value.ts",
];

/** What each room may import besides itself: a room, or a file by its name. */
const mayImport: Record<string, string[]> = {
  "main.ts": ["cli"],
  // Not through mod.ts alone: that loads all rooms, and a start needs few.
  cli: [
    "mod.ts",
    "server",
    "router",
    "handlers",
    "files",
    "page",
    "xray",
    "operations",
    "access",
    "leaves",
    "deno.json",
    "lib/lazy/global_response.ts",
  ],
  "mod.ts": ["server", "leaves"],
  // But for one that is an option, no handler is known by name.
  server: ["wire", "lazy", "leaves", "lib/handlers/compression.ts"],
  router: ["leaves"],
  handlers: ["leaves"],
  lazy: ["leaves"],
  files: [
    "leaves",
    "lib/handlers/accept_encoding.ts",
    "lib/handlers/byte_ranges.ts",
    "lib/handlers/compression.ts",
    "lib/handlers/http_date.ts",
    "lib/handlers/on_demand.ts",
    "lib/handlers/preconditions.ts",
    "lib/router/url_path.ts",
  ],
  operations: ["leaves"],
  // Users and rights; how paths are read, the command tells it.
  access: ["leaves"],
  // Neither knows the other: the command gives the page of X-ray to X-ray.
  page: ["leaves"],
  xray: ["wire", "leaves"],
  wire: ["leaves"],
  leaves: [],
};

/** What is never said in the code of a folder. */
const neverSaid: { folder: string; pattern: RegExp; what: string }[] = [
  { folder: "lib/", pattern: /\bDeno\.serve\(/, what: "Deno.serve()" },
  { folder: "lib/", pattern: /"node:https?"/, what: "node:http" },
  { folder: "lib/wire/", pattern: /\bDeno\./, what: "Deno" },
  {
    folder: "lib/wire/",
    pattern: /\bset(?:Timeout|Interval)\b/,
    what: "a timer",
  },
  {
    folder: "lib/wire/",
    pattern: /(?:\bnew |\binstanceof |[:|<] ?)(?:Request|Response)\b/,
    what: "Request or Response",
  },
];

/**
 * What a module may change that all servers of a process share: nothing that a
 * client sent. That belongs to a connection, or to a server.
 */
const sharedState: Record<string, string[]> = {
  "lib/cli/messages.ts": ["level", "waiting"],
  "lib/files/atomic_write.ts": ["lastTime"],
  "lib/server/connection.ts": ["count"],
  "lib/server/clock.ts": ["second", "dateText"],
  "lib/server/strays.ts": ["isListening"],
  "lib/server/web_socket.ts": ["asking"],
};

/**
 * What takes long to load and few requests need: loaded when it is needed, and
 * not at each start. `@std/path` asks for `process`, as slow as all else.
 */
const notAtStart = [
  "node:crypto",
  "node:process",
  "@std/path",
  "@std/media-types/content-type",
  "@std/http/server-sent-event-stream",
  "bcryptjs",
  "dompurify/purify.min.js",
  "ipaddr.js",
  "marked",
  "node-forge",
  "uqr",
  "lib/operations/metrics.ts",
  "lib/xray/lessons/mod.ts",
  "lib/xray/xray.ts",
];

/** What no file or folder of lib/ is called. */
const noName =
  /^(?:utils?|helpers?|common|types|constants|middlewares?)(?:\.\w+)?$/;

const root = new URL("../", import.meta.url);

/** Path and code of each module, from "main.ts" to "lib/wire/grammar.ts". */
function readSources(): Map<string, string> {
  const sources = new Map<string, string>();
  const read = (path: string) => {
    // This finds the comments that deno fmt leaves; a true parser would also
    // know those inside a line of code.
    const code = Deno.readTextFileSync(new URL(path, root))
      .replace(/^\s*\/\*[^]*?\*\//gm, "")
      .replace(/(?:^|\s)\/\/.*$/gm, "");
    sources.set(path, code);
  };
  const walk = (folder: string) => {
    for (
      const { name, isDirectory } of Deno.readDirSync(new URL(folder, root))
    ) {
      const path = folder + name;
      if (isDirectory) walk(`${path}/`);
      else if (/\.[jt]s$/.test(name)) read(path);
    }
  };
  read("main.ts");
  read("mod.ts");
  walk("lib/");
  return sources;
}

function roomOf(path: string): string {
  if (leaves.includes(path)) return "leaves";
  return path.startsWith("lib/") ? path.split("/")[1] : path;
}

function importsOf(code: string): string[] {
  const specifiers =
    /^(?:import|export)\b[^"'`;=(]*\bfrom "([^"]+)"|^import "([^"]+)"|\bimport\(\s*"([^"]+)"/gm;
  return [...code.matchAll(specifiers)].map((match) =>
    match[1] ?? match[2] ?? match[3]
  );
}

/** The path of what a module imports, or the name of another package. */
function targetOf(specifier: string, from: string): string {
  return /^\.\.?\//.test(specifier)
    ? new URL(specifier, new URL(from, root)).href.slice(root.href.length)
    : specifier;
}

/** Code without what is gone when it runs. */
function withoutTypes(code: string): string {
  return code.replace(/^(?:import|export) type\b/gm, "");
}

/** All that is loaded with a module: paths, and the names of other packages. */
function loadedWith(path: string, sources: Map<string, string>): Set<string> {
  const loaded = new Set<string>();
  const load = (specifier: string, from: string) => {
    const name = targetOf(specifier, from);
    if (loaded.has(name)) return;
    loaded.add(name);
    const code = withoutTypes(sources.get(name) ?? "")
      .replace(/\bimport\(/g, "");
    for (const specifier of importsOf(code)) load(specifier, name);
  };
  load(`./${path}`, "");
  return loaded;
}

/** The circles of modules that import each other, each as "a → b → a". */
function circlesIn(sources: Map<string, string>): string[] {
  const circles: string[] = [];
  const finished = new Set<string>();
  const way: string[] = [];
  const follow = (path: string) => {
    if (finished.has(path)) return;
    const start = way.indexOf(path);
    if (start >= 0) {
      circles.push([...way.slice(start), path].join(" → "));
      return;
    }
    way.push(path);
    for (const specifier of importsOf(sources.get(path) ?? "")) {
      follow(targetOf(specifier, path));
    }
    way.pop();
    finished.add(path);
  };
  for (const path of sources.keys()) follow(path);
  return circles;
}

function isAllowed(path: string, specifier: string): boolean {
  const room = roomOf(path);
  if (!/^\.\.?\//.test(specifier)) {
    return room !== "leaves" &&
      /^(?:@std\/|node:|(?:bcryptjs|dompurify\/purify\.min\.js|ipaddr\.js|marked|node-forge|uqr)$)/
        .test(specifier);
  }
  const target = targetOf(specifier, path);
  const allowed = mayImport[room] ?? [];
  return roomOf(target) === room && room !== "leaves" ||
    allowed.includes(roomOf(target)) || allowed.includes(target);
}

const ignore =
  (await Deno.permissions.query({ name: "read", path: root })).state !==
    "granted";

Deno.test("imports go one way", { ignore }, () => {
  const offences: string[] = [];
  let count = 0;
  for (const [path, code] of readSources()) {
    for (const specifier of importsOf(code)) {
      count++;
      if (!isAllowed(path, specifier)) {
        offences.push(`${path} imports ${specifier}`);
      }
    }
  }
  assertEquals(offences, []);
  assertGreater(count, 0);
});

Deno.test("no modules import each other in a circle", { ignore }, () => {
  assertEquals(circlesIn(readSources()), []);
  const circle = new Map([
    ["lib/a.ts", 'import { b } from "./b.ts";'],
    ["lib/b.ts", 'import("./x/c.ts");'],
    ["lib/x/c.ts", 'export type { T } from "../b.ts";'],
  ]);
  assertEquals(circlesIn(circle), ["lib/b.ts → lib/x/c.ts → lib/b.ts"]);
});

Deno.test("every module belongs to a room", { ignore }, () => {
  const homeless = [...readSources().keys()]
    .filter((path) => !Object.hasOwn(mayImport, roomOf(path)));
  assertEquals(homeless, []);
});

Deno.test("no room says what it must not know", { ignore }, () => {
  const offences: string[] = [];
  for (const [path, code] of readSources()) {
    for (const { folder, pattern, what } of neverSaid) {
      if (path.startsWith(folder) && pattern.test(code)) {
        offences.push(`${path} says ${what}`);
      }
    }
  }
  assertEquals(offences, []);
});

Deno.test("no module remembers what a client sent", { ignore }, () => {
  const shared: Record<string, string[]> = {};
  for (const [path, code] of readSources()) {
    if (path.startsWith("lib/page/browser/")) continue;
    const names = [...code.matchAll(/^(?:export )?let (\w+)/gm)]
      .map(([, name]) => name);
    if (names.length > 0) shared[path] = names;
  }
  assertEquals(shared, sharedState);
});

Deno.test("a start loads nothing that few requests need", { ignore }, () => {
  const sources = readSources();
  for (
    const [path, excluded] of [
      ["main.ts", [...notAtStart, "mod.ts", "lib/page/pages.ts"]],
      ["mod.ts", notAtStart],
    ] as const
  ) {
    const loaded = loadedWith(path, sources);
    assertEquals(excluded.filter((name) => loaded.has(name)), []);
    assert(loaded.has("lib/server/connection.ts"), "it follows imports");
    assert(loaded.has("node:buffer"), "it follows them out of the house");
  }
});

Deno.test("names tell what is inside", { ignore }, () => {
  const offences = [...readSources().keys()]
    .filter((path) => path.split("/").some((part) => noName.test(part)));
  assertEquals(offences, []);
});
