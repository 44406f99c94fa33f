/** Deletions that can be undone, asked for at the socket. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { hashPassword } from "../../lib/access/password_hash.ts";
import {
  mayRunCommand,
  readmeFlags,
  type RunningCommand,
  Site,
  startCommand,
} from "./command.ts";

const ignore = !mayRunCommand;

async function ask(
  { url }: RunningCommand,
  path: string,
  { as, ...init }: RequestInit & { as?: string } = {},
): Promise<Response> {
  const headers = new Headers(init.headers);
  if (as) headers.set("authorization", `Basic ${btoa(`${as}:secret`)}`);
  return await fetch(new URL(path, url), { ...init, headers });
}

async function statusOf(asked: Promise<Response>): Promise<number> {
  const response = await asked;
  await response.body?.cancel();
  return response.status;
}

/** Deletes something. @returns where that can be undone. */
async function remove(
  command: RunningCommand,
  path: string,
  as?: string,
): Promise<string> {
  const response = await ask(command, path, { as, method: "DELETE" });
  assertEquals(response.status, 202, path);
  await response.body?.cancel();
  return response.headers.get("location")!;
}

const post = { method: "POST" };

async function namesIn(path: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(path));
  return entries.map(({ name }) => name).sort();
}

Deno.test("DELETE with ?undo is undone by a POST, below a prefix too", {
  ignore,
}, async () => {
  await using site = await Site.make();
  const root = `${site.path}/public`;
  await Deno.mkdir(`${root}/full`);
  await Deno.writeTextFile(`${root}/full/a.txt`, "text");
  await using command = await startCommand(
    ["--port=0", "--delete", "--prefix=/sub"],
    { cwd: site.path },
  );
  const undo = await remove(command, "files/full/?undo=10");
  assertMatch(undo, /^\/sub\/undo\//);
  assertEquals(await statusOf(ask(command, "files/full/")), 404);
  const list = await (await ask(command, "files/", {
    headers: { accept: "application/json" },
  })).json();
  assertEquals(list, []);
  const found = await (await ask(command, "files/?search=a.txt")).text();
  assertMatch(found, /"found":0/);
  assertEquals(await statusOf(ask(command, undo)), 405);
  const foreign = { "sec-fetch-site": "cross-site" };
  const headers = { origin: "https://evil.example", ...foreign };
  assertEquals(await statusOf(ask(command, undo, { ...post, headers })), 403);
  const back = await ask(command, undo, post);
  assertEquals([back.status, await back.json()], [201, { path: "full/" }]);
  const count = await (await ask(command, "files/full/?count")).json();
  assertEquals(count, { files: 1, directories: 0, octets: 4, isMore: false });

  // A signal enacts what can no longer be undone.
  await remove(command, "files/full/?undo=60");
  command.kill("SIGTERM");
  assertEquals((await command.status).code, 0);
  assertEquals(await namesIn(root), [".sluice-state"]);
  assertEquals(await namesIn(`${root}/.sluice-state/deleted`), []);
  await using again = await startCommand(["--port=0", "--delete"], {
    cwd: site.path,
  });
  assertEquals(await statusOf(ask(again, "files/full/")), 404);
});

Deno.test("without --delete nothing is undone", { ignore }, async () => {
  await using site = await Site.make();
  await using command = await startCommand(["--port=0"], { cwd: site.path });
  const id = `undo/${crypto.randomUUID()}.${crypto.randomUUID()}`;
  assertEquals(await statusOf(ask(command, id, post)), 404);
  const deleted = ask(command, "files/a?undo=10", { method: "DELETE" });
  assertEquals(await statusOf(deleted), 405);
});

Deno.test("rights by path hold for undo", { ignore }, async () => {
  await using site = await Site.make();
  const root = `${site.path}/public`;
  for (const folder of ["trash", "team", "team/own"]) {
    await Deno.mkdir(`${root}/${folder}`);
    await Deno.writeTextFile(`${root}/${folder}/a`, "text");
  }
  const hash = await hashPassword("secret");
  await Deno.writeTextFile(
    `${site.path}/users`,
    `alice:${hash}\n` +
      `bob:${hash}:/=read /trash=read,delete /team=read,write,delete ` +
      `/team/own=none\n` +
      `carol:${hash}:/=read,write\n`,
  );
  await using command = await startCommand(
    ["--port=0", "--delete", "--auth=users"],
    { cwd: site.path, flags: [...readmeFlags, "--allow-read=users"] },
  );
  const trash = await remove(command, "files/trash/a?undo=30", "bob");
  const team = await remove(command, "files/team/a?undo=30", "bob");
  const folder = await remove(command, "files/team/own/?undo=30", "alice");
  for (
    const [url, as, status] of [
      [trash, undefined, 401],
      [trash, "carol", 403],
      // To write there, one would need the right to.
      [`${trash}?name=b`, "bob", 403],
      [trash, "bob", 201],
      [`${team}?name=b`, "bob", 201],
      [folder, "bob", 404],
      [folder, "alice", 201],
    ] as const
  ) {
    assertEquals(await statusOf(ask(command, url, { ...post, as })), status);
  }
  assertEquals(await namesIn(`${root}/trash`), ["a"]);
  assertEquals(await namesIn(`${root}/team`), ["b", "own"]);
  for (
    const [path, as, status] of [
      ["files/team/?undo=10", "bob", 403],
      ["files/trash/?undo=10", "carol", 403],
      ["files/trash/a?undo=10", undefined, 401],
    ] as const
  ) {
    const asked = ask(command, path, { as, method: "DELETE" });
    assertEquals(await statusOf(asked), status, path);
  }
  // What bob may not read, he does not count.
  const counted = await ask(command, "files/team/?count", { as: "bob" });
  assert(counted.ok);
  assertEquals(await counted.json(), {
    files: 1,
    directories: 0,
    octets: 4,
    isMore: false,
  });
});
