/**
 * Rights and hidden names, over all that reads or changes more than one name:
 * archives, searches, lists, moves, removals, uploads.
 */

import { assert, assertEquals } from "@std/assert";
import { hashPassword } from "../../lib/access/password_hash.ts";
import {
  mayRunCommand,
  readmeFlags,
  type RunningCommand,
  Site,
  startCommand,
} from "./command.ts";

const ignore = !mayRunCommand;

const hash = ignore ? "" : await hashPassword("secret");

const LINES = `alice:${hash}
bob:${hash}:/=read /team=read,write,delete /team/secret=none /drop=read,write /trash=read,delete /none=none
`;

const files = [
  ...["top.txt", ".env", ".git/top", "none/n.txt"],
  ...["team/t.txt", "team/.hidden", "team/secret/s.txt", "team/sub/x.txt"],
  ...["drop/d.txt", "trash/r.txt", "trash/sub/y.txt"],
  ".sluice-uploads/u",
];

/** Makes the files as they are at first; the directory stays. */
async function layOut({ path }: Site): Promise<void> {
  const root = `${path}/public`;
  for await (const { name } of Deno.readDir(root)) {
    if (name === ".sluice-state") continue;
    await Deno.remove(`${root}/${name}`, { recursive: true });
  }
  for (const name of files) {
    const folder = name.split("/").slice(0, -1).join("/");
    await Deno.mkdir(`${root}/${folder}`, { recursive: true });
    await Deno.writeTextFile(`${root}/${name}`, name);
  }
}

async function ask(
  { url }: RunningCommand,
  path: string,
  { as, ...init }: RequestInit & { as?: string } = {},
): Promise<Response> {
  const headers = new Headers(init.headers);
  if (as) headers.set("authorization", `Basic ${btoa(`${as}:secret`)}`);
  return await fetch(new URL(`files/${path}`, url), {
    redirect: "manual",
    ...init,
    headers,
  });
}

/** The paths in the central directory of an archive. */
function pathsIn(zip: Uint8Array): string[] {
  const view = new DataView(zip.buffer);
  const paths: string[] = [];
  let at = view.getUint32(zip.length - 6, true);
  while (view.getUint32(at, true) === 0x0201_4b50) {
    const end = at + 46 + view.getUint16(at + 28, true);
    paths.push(new TextDecoder().decode(zip.subarray(at + 46, end)));
    at = end + view.getUint16(at + 30, true);
  }
  return paths.sort();
}

/** What a list, a search or an archive tells, or its status. */
async function told(
  command: RunningCommand,
  as: string | undefined,
  asked: string,
): Promise<string> {
  const [how, folder = ""] = asked.split(" ");
  const [query, init]: [string, RequestInit] = how === "zip"
    ? ["?zip", {}]
    : how.startsWith("zip:")
    ? ["?zip", {
      method: "POST",
      body: new URLSearchParams(
        how.slice(4).split(",").map((name) => ["name", name]),
      ),
    }]
    : how === "list"
    ? ["", { headers: { accept: "application/json" } }]
    : [`?search=${how.slice("search:".length)}`, {}];
  const response = await ask(command, folder + query, { as, ...init });
  if (response.status !== 200) {
    await response.body?.cancel();
    return `${response.status}`;
  }
  if (how.startsWith("zip")) {
    return pathsIn(await response.bytes()).join(" ");
  }
  if (how === "list") {
    const entries: { name: string }[] = await response.json();
    return entries.map(({ name }) => name).sort().join(" ");
  }
  const lines = (await response.text()).trimEnd().split("\n");
  return lines.slice(0, -1).map((line) => JSON.parse(line).path).sort()
    .join(" ");
}

/** What alice and bob are told; nobody else is told anything. */
const readings: [asked: string, alice: string, bob: string][] = [
  ["list", "drop none team top.txt trash", "drop team top.txt trash"],
  ["list team/", "secret sub t.txt", "sub t.txt"],
  ["list team/secret/", "s.txt", "404"],
  [
    "zip",
    "drop/ drop/d.txt none/ none/n.txt team/ team/secret/ team/secret/s.txt " +
    "team/sub/ team/sub/x.txt team/t.txt top.txt trash/ trash/r.txt " +
    "trash/sub/ trash/sub/y.txt",
    "drop/ drop/d.txt team/ team/sub/ team/sub/x.txt team/t.txt top.txt " +
    "trash/ trash/r.txt trash/sub/ trash/sub/y.txt",
  ],
  [
    "zip team/",
    "secret/ secret/s.txt sub/ sub/x.txt t.txt",
    "sub/ sub/x.txt t.txt",
  ],
  ["zip team/secret/", "s.txt", "404"],
  ["zip none/", "n.txt", "404"],
  ["zip .git/", "404", "404"],
  ["zip .sluice-uploads/", "404", "404"],
  ["zip .sluice-state/", "404", "404"],
  ["zip:t.txt,sub team/", "sub/ sub/x.txt t.txt", "sub/ sub/x.txt t.txt"],
  ["zip:secret team/", "secret/ secret/s.txt", "404"],
  ["zip:.hidden team/", "404", "404"],
  ["zip:.env", "404", "404"],
  ["zip:.sluice-uploads", "404", "404"],
  ["zip:s.txt team/secret/", "s.txt", "404"],
  [
    "search:s",
    "team/secret team/secret/s.txt team/sub trash trash/sub",
    "team/sub trash trash/sub",
  ],
  ["search:.txt none/", "n.txt", "404"],
  ["search:hidden", "", ""],
  ["search:sluice", "", ""],
  ["search:env", "", ""],
];

Deno.test("rights and hidden names: lists, searches, archives", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await layOut(site);
  await Deno.writeTextFile(`${site.path}/users`, LINES);
  await using command = await startCommand(
    ["--port=0", "--auth=users", "--delete"],
    { cwd: site.path, flags: [...readmeFlags, "--allow-read=users"] },
  );
  for (const [asked, alice, bob] of readings) {
    assertEquals(await told(command, "alice", asked), alice, `alice ${asked}`);
    assertEquals(await told(command, "bob", asked), bob, `bob ${asked}`);
    assertEquals(await told(command, undefined, asked), "401", asked);
  }
});

/** A change, and which answer alice, bob and nobody else get. */
const changes: [asked: string, alice: number, bob: number][] = [
  ["MOVE top.txt > team/top.txt", 201, 403],
  ["MOVE team/t.txt > team/t2.txt", 201, 201],
  ["MOVE team/t.txt > drop/t.txt", 201, 201],
  ["MOVE team/t.txt > top2.txt", 201, 403],
  ["MOVE team/t.txt > trash/t.txt", 201, 403],
  ["MOVE team/t.txt > team/secret/t.txt", 201, 403],
  ["MOVE team/t.txt > none/t.txt", 201, 403],
  ["MOVE team/secret/s.txt > team/s.txt", 201, 403],
  ["MOVE trash/r.txt > drop/r.txt", 201, 201],
  ["MOVE drop/d.txt > team/d.txt", 201, 403],
  // It replaces a file, which takes that one away.
  ["MOVE team/t.txt > drop/d.txt", 204, 403],
  ["MOVE team/t.txt > team/sub/x.txt", 204, 204],
  ["MOVE none/n.txt > none/none", 201, 403],
  ["MOVE none/absent > drop/absent", 404, 403],
  ["MOVE team/sub/ > team/sub2", 201, 201],
  ["MOVE team/sub/ > drop/sub", 201, 201],
  ["MOVE team/sub/ > sub", 201, 403],
  ["MOVE trash/sub/ > team/sub3/", 201, 201],
  ["MOVE trash/sub/ > team/", 409, 403],
  // Not all that is in it is bob's to move.
  ["MOVE team/ > drop/team", 201, 403],
  ["MOVE trash/ > team/secret/trash", 201, 403],
  ["MOVE .env > drop/env", 403, 403],
  ["MOVE team/.hidden > team/shown", 403, 403],
  ["MOVE team/t.txt > team/.t", 403, 403],
  ["MOVE .git/ > git", 403, 403],
  ["MOVE .sluice-uploads/ > uploads", 403, 403],
  ["MOVE team/t.txt > .sluice-state/t", 403, 403],
  ["MKCOL drop/new/", 201, 201],
  ["MKCOL new/", 201, 403],
  ["MKCOL team/secret/new/", 201, 403],
  ["MKCOL .new/", 403, 403],
  ["DELETE trash/", 204, 204],
  ["DELETE drop/", 204, 403],
  ["DELETE team/sub/", 204, 204],
  // It holds what is hidden, and for bob what he may not delete.
  ["DELETE team/", 409, 403],
  ["DELETE .git/", 403, 403],
  ["PUT drop/new.txt", 201, 201],
  ["PUT team/secret/new.txt", 201, 403],
  ["PUT new.txt", 201, 403],
  ["PUT drop/.new", 403, 403],
  // What a POST with ?zip needs is to read, and so it does no more.
  ["POST drop/new.txt?zip", 405, 405],
  ["POST none/new.txt?zip", 405, 405],
];

Deno.test("rights and hidden names: moves, removals, uploads", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await Deno.writeTextFile(`${site.path}/users`, LINES);
  await layOut(site);
  await using command = await startCommand(
    ["--port=0", "--auth=users", "--delete"],
    { cwd: site.path, flags: [...readmeFlags, "--allow-read=users"] },
  );
  for (const [asked, alice, bob] of changes) {
    const [method, from, , to] = asked.split(" ");
    for (
      const [as, expected] of [["alice", alice], ["bob", bob], [
        undefined,
        401,
      ]] as const
    ) {
      const headers = new Headers();
      if (to) headers.set("destination", `/files/${to}`);
      const body = method === "PUT" || method === "POST" ? "new" : undefined;
      const response = await ask(command, from, { method, headers, body, as });
      await response.body?.cancel();
      assertEquals(response.status, expected, `${as}: ${asked}`);
      if (expected < 300) await layOut(site);
      else assertEquals(await filesIn(site), files, asked);
    }
  }
});

/** The paths of all files that are as they were, in their order. */
async function filesIn({ path }: Site): Promise<string[]> {
  const found: string[] = [];
  for (const name of files) {
    const text = await Deno.readTextFile(`${path}/public/${name}`)
      .catch(() => undefined);
    if (text === name) found.push(name);
  }
  return found;
}

Deno.test("--public-read: anyone reads archives, and nobody changes anything", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await layOut(site);
  await Deno.writeTextFile(`${site.path}/users`, LINES);
  await using command = await startCommand(
    ["--port=0", "--auth=users", "--delete", "--public-read"],
    { cwd: site.path, flags: [...readmeFlags, "--allow-read=users"] },
  );
  assertEquals(await told(command, undefined, "zip none/"), "n.txt");
  assertEquals(await told(command, undefined, "zip:n.txt none/"), "n.txt");
  assertEquals(await told(command, undefined, "search:n.txt"), "none/n.txt");
  for (const [asked] of changes) {
    const [method, from, , to] = asked.split(" ");
    if (asked.includes("?zip")) continue;
    const headers = new Headers({ destination: `/files/${to}` });
    const response = await ask(command, from, { method, headers });
    await response.body?.cancel();
    assert([401, 403].includes(response.status), `${asked} ${response.status}`);
  }
});

Deno.test("RFC 9110 §9.3.7: Allow tells what may be done", {
  ignore,
}, async () => {
  await using site = await Site.make();
  for (
    const [option, expected] of [
      ["--delete", "GET, HEAD, PUT, POST, MKCOL, DELETE, MOVE, OPTIONS"],
      ["--no-listing", "GET, HEAD, PUT, POST, MKCOL, OPTIONS"],
      ["--read-only", "GET, HEAD, POST, OPTIONS"],
      ["--upload-only", "PUT, POST, MKCOL, OPTIONS"],
    ]
  ) {
    await using command = await startCommand(["--port=0", option], {
      cwd: site.path,
    });
    for (const path of ["a.txt", "d/"]) {
      const { headers } = await ask(command, path, { method: "OPTIONS" });
      assertEquals(headers.get("allow"), expected, option);
    }
    if (option === "--read-only") continue;
    const taken = await ask(command, "", { method: "MKCOL" });
    await taken.body?.cancel();
    assertEquals(taken.status, 405);
    assertEquals(taken.headers.get("allow"), expected);
  }
});
