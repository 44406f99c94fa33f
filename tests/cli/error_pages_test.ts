/** Pages of errors: what they tell of where somebody is, and where to go. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { mayRunCommand, Site, startCommand } from "./command.ts";
import { askAs, startGuarded } from "./guarded_command.ts";

const ignore = !mayRunCommand;
const accept = "text/html";

/** Where a page's buttons lead. */
function waysOf(text: string): string[] {
  return [...text.matchAll(/<a class="button" href="([^"]+)"/g)]
    .map(([, href]) => href);
}

Deno.test("a page for what is not there leads to the nearest folder", {
  ignore,
}, async () => {
  await using site = await Site.make();
  const root = `${site.path}/public`;
  await Deno.mkdir(`${root}/a b/c<i>`, { recursive: true });
  await Deno.mkdir(`${root}/.git`);
  await Deno.writeTextFile(`${root}/file`, "");
  await using command = await startCommand(
    ["--port=0", "--prefix=/sub", "--hide=/a b/c<i>/hidden"],
    { cwd: site.path },
  );
  await Deno.mkdir(`${root}/a b/c<i>/hidden`);
  const above = "/sub/files/";
  for (
    const [path, nearest] of [
      ["none", above],
      ["a%20b/none", `${above}a%20b/`],
      ["a%20b/c%3Ci%3E/none/more/", `${above}a%20b/c%3Ci%3E/`],
      ["a%20b/c%3Ci%3E/hidden/none", `${above}a%20b/c%3Ci%3E/`],
      [".git/none", above],
      ["file/none", above],
      ["a%20b/%FF/none", `${above}a%20b/`],
    ] as const
  ) {
    const url = `files/${path}`;
    const { status, text } = await askAs(command, url, { accept });
    assertEquals(status, path.includes("%FF") ? 400 : 404, path);
    const way = waysOf(text)[0];
    assertEquals(way, path.includes("%FF") ? "/sub/" : nearest, path);
  }
  const { text } = await askAs(command, "files/a%20b/%3Ci%3E", { accept });
  assertStringIncludes(text, "<bdi>/sub/files/a b/&lt;i&gt;</bdi>");
  const other = await askAs(command, "nothing", { accept });
  assertEquals(waysOf(other.text), ["/sub/", "/sub/about"]);
});

Deno.test("a page for what is not there tells of no folder that is not shown", {
  ignore,
}, async () => {
  await using running = await startGuarded(["--public-read"]);
  const { command } = running;
  const nearest = async (path: string, as?: string) =>
    waysOf((await askAs(command, path, { as, accept })).text)[0];
  assertEquals(await nearest("files/inbox/none", "bob"), "/files/inbox/");
  await using closed = await startGuarded();
  const told = async (path: string) => {
    const { status, text } = await askAs(closed.command, path, {
      as: "bob",
      accept,
    });
    return [status, text.replaceAll(/nonce-[\da-f-]+|private|absent/g, "")];
  };
  const one = await told("files/private/none");
  assertEquals(one, await told("files/absent/none"));
  assertEquals(waysOf(`${one[1]}`)[0], "/files/");
  assertEquals(one[0], 404);
});

Deno.test("a page for what one may not do leads to the login", {
  ignore,
}, async () => {
  await using running = await startGuarded(["--prefix=/sub"]);
  const { command } = running;
  const asked = { as: "bob", accept, method: "PUT" };
  const { status, text } = await askAs(command, "files/trash/a", asked);
  assertEquals(status, 403);
  assertEquals(waysOf(text)[0], "/sub/login");
  assertStringIncludes(text, "<bdi>bob</bdi>");
  const wrong = await askAs(command, "files/", { as: "nobody", accept });
  assertEquals(wrong.status, 401);
  assertEquals(waysOf(wrong.text)[0], "/sub/login?to=%2Fsub%2Ffiles%2F");
});

Deno.test("a page for what is too large names the limit", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(["--port=0", "--max-body=1k"], {
    cwd: site.path,
  });
  const { status, text } = await askAs(command, "files/a", {
    accept,
    method: "PUT",
    body: "x".repeat(2000),
  });
  assertEquals(status, 413);
  assertStringIncludes(text, "up to 1.0 KiB at once");
});
