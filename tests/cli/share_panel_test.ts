/** Where a page says that others find the server: as the start message does. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mayRunCommand, type RunningCommand } from "./command.ts";
import { askAs, startGuarded } from "./guarded_command.ts";

const ignore = !mayRunCommand;
const everywhere = {
  host: "--host=0.0.0.0",
  flags: ["--allow-sys=networkInterfaces"],
};

const accept = "text/html";

function printed({ stderr }: RunningCommand): string[] {
  const prefix = "On the network: ";
  return stderr.all.filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length));
}

/** What a page names; none if it says nothing of it. */
function shared(page: string): string[] {
  const [panel = ""] = /<details class="panel share">[^]*?<\/details>/
    .exec(page) ?? [];
  return [...panel.matchAll(/<a href="([^"]+)"/g)].map(([, url]) => url);
}

Deno.test("a page names the addresses of the start message, to readers", {
  ignore,
}, async () => {
  await using running = await startGuarded([], everywhere);
  const { command } = running;
  const urls = printed(command);
  for (const path of ["/", "/files/"]) {
    const { text } = await askAs(command, path, { as: "bob", accept });
    assertEquals(shared(text), urls);
    assertEquals(text.includes("<svg"), urls.length > 0);
  }
  const below = await askAs(command, "/files/inbox/", { as: "bob", accept });
  assertEquals(shared(below.text), []);
  const stranger = await askAs(command, "/", { accept });
  assertEquals(stranger.status, 303);
  const login = await askAs(command, "/login", { accept });
  for (const url of urls) assert(!login.text.includes(url));
});

Deno.test("below a prefix, a page names them as well", {
  ignore,
}, async () => {
  await using running = await startGuarded(["--prefix=/sub"], everywhere);
  const { command } = running;
  const urls = printed(command);
  for (const path of ["/sub/", "/sub/files/"]) {
    const { text } = await askAs(command, path, { as: "bob", accept });
    assertEquals(shared(text), urls);
  }
});

Deno.test("a page names no address that was not printed", {
  ignore,
}, async () => {
  for (const where of [{}, { host: "--host=0.0.0.0" }]) {
    await using running = await startGuarded([], where);
    const { command } = running;
    const { text } = await askAs(command, "/", { as: "alice", accept });
    assertStringIncludes(text, "inbox");
    assertEquals(shared(text), []);
  }
});
