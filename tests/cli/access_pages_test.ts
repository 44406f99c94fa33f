/** What pages show users of their rights, and what caches may keep of it. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { mayRunCommand } from "./command.ts";
import { askAs, startGuarded } from "./guarded_command.ts";

const ignore = !mayRunCommand;
const accept = "text/html";

/** What a page offers its reader. */
function offered(text: string): string[] {
  const marks = {
    "upload": 'id="pick"',
    "form": 'enctype="multipart/form-data"',
    "write": 'data-may-write="yes"',
    "delete": 'data-may-delete="yes"',
  };
  return Object.entries(marks).filter(([, mark]) => text.includes(mark))
    .map(([name]) => name);
}

Deno.test("a page offers what its reader may do", { ignore }, async () => {
  await using running = await startGuarded(["--delete"]);
  const { command } = running;
  const changing = ["upload", "form", "write"];
  for (
    const [as, path, expected] of [
      ["alice", "/", [...changing, "delete"]],
      ["alice", "/files/private/", [...changing, "delete"]],
      ["bob", "/", []],
      ["bob", "/files/", []],
      ["bob", "/files/inbox/", changing],
      ["bob", "/files/inbox/?sort=size", changing],
      ["bob", "/files/trash/", ["delete"]],
    ] as const
  ) {
    const { status, text } = await askAs(command, path, { as, accept });
    assertEquals([status, offered(text)], [200, expected], `${as} ${path}`);
  }
});

Deno.test("no page offers what the command does for nobody", {
  ignore,
}, async () => {
  await using running = await startGuarded(["--read-only"]);
  const asked = { as: "alice", accept };
  const { text } = await askAs(running.command, "/", asked);
  assertEquals(offered(text), []);
});

Deno.test("--public-read: a page offers a stranger nothing", {
  ignore,
}, async () => {
  await using running = await startGuarded(["--public-read", "--delete"]);
  const { command } = running;
  const stranger = await askAs(command, "/", { accept });
  assertEquals(offered(stranger.text), []);
  const { text } = await askAs(command, "/files/inbox/", { as: "bob", accept });
  assertEquals(offered(text), ["upload", "form", "write"]);
});

Deno.test("--upload-only: a form of a user arrives, within the rights", {
  ignore,
}, async () => {
  await using running = await startGuarded(["--upload-only"]);
  const { command, site } = running;
  const send = async (as: string, path: string) => {
    const body = new FormData();
    body.append("file", new File(["N"], "new.txt"));
    return (await askAs(command, path, { as, method: "POST", body })).status;
  };
  assertEquals(await send("bob", "/files/inbox/"), 201);
  assertEquals(await send("bob", "/files/trash/"), 403);
  assertEquals(
    await Deno.readTextFile(`${site.path}/public/inbox/new.txt`),
    "N",
  );
});

for (const form of ["*/*", "application/json", "text/html"]) {
  Deno.test(`RFC 9111 §4.2.2: no cache keeps a user's errors (${form})`, {
    ignore,
  }, async () => {
    await using running = await startGuarded(["--public-read"]);
    const { command } = running;
    const control = async (path: string, method: string, as?: string) => {
      const asked = { method, as, accept: form };
      const { status, headers } = await askAs(command, path, asked);
      return [status, headers.get("cache-control")];
    };
    for (const path of ["/files/none.txt", "/none"]) {
      assertEquals(await control(path, "GET", "bob"), [404, "no-store"]);
    }
    const file = "/files/trash/here.txt";
    assertEquals(await control(file, "PUT", "bob"), [403, "no-store"]);
    assertEquals(await control(file, "PUT"), [401, "no-store"]);
    assertEquals(await control("/", "DELETE", "bob"), [405, "no-store"]);
  });
}

Deno.test("the page about the server says who may do what, and what is true", {
  ignore,
}, async () => {
  for (
    const [args, says, is] of [
      [[], "Everybody has to log in", "delete or move"],
      [["--public-read", "--delete"], "Anyone can see and download", "rename"],
      [["--read-only"], "Everybody has to log in", "read-only"],
    ] as const
  ) {
    await using running = await startGuarded([...args]);
    const asked = { as: "alice", accept };
    const { text } = await askAs(running.command, "/about", asked);
    assertStringIncludes(text, says);
    assertStringIncludes(text, is);
    // The users' file is read as well, but its name is nobody's business.
    assertStringIncludes(text, "and one file that was named at the start");
    assertEquals(text.includes("users<"), false);
  }
});
