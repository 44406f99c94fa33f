/** Links that pages share: signed for those who may, with a code of each. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { mayRunCommand, Site, startCommand } from "./command.ts";
import { askAs, type Asked, startGuarded } from "./guarded_command.ts";

const ignore = !mayRunCommand;

function sharing(fields: Record<string, string>, as?: string): Asked {
  const accept = "application/json";
  return { as, method: "POST", accept, body: new URLSearchParams(fields) };
}

Deno.test("a shared link is that of the page, with a code", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(["--port=0", "--prefix=/sub"], {
    cwd: site.path,
  });
  const share = async (fields: Record<string, string>) =>
    await askAs(command, "share", sharing(fields));
  const { status, headers, text } = await share({ path: "/sub/files/a%20b/" });
  assertEquals(status, 200);
  assertEquals(headers.get("cache-control"), "no-store");
  const { code, ...rest } = JSON.parse(text);
  assertMatch(code, /^<svg /);
  const url = `${command.url}files/a%20b/`;
  assertEquals(rest, { url, until: null, isLocal: true });
  for (
    const path of [
      "/files/a",
      "//evil.example/sub/files/a",
      "https://evil.example/sub/files/a",
      "/sub/files/../login",
      "javascript:alert(1)",
      "",
    ]
  ) {
    assertEquals((await share({ path })).status, 400, path);
  }
  // There is nobody who would not be let in.
  const ending = await share({ path: "/sub/files/a", for: "3600" });
  assertEquals(ending.status, 400);
  const long = await share({ path: `/sub/files/${"a".repeat(800)}` });
  assertEquals(JSON.parse(long.text).code, null);
  const other = await askAs(command, "share", { method: "POST", body: "a" });
  assertEquals(other.status, 415);
});

Deno.test("who may read a file can share it for a time", {
  ignore,
}, async () => {
  await using running = await startGuarded();
  const { command } = running;
  const share = async (as: string | undefined, path: string, time = "3600") =>
    await askAs(command, "share", sharing({ path, for: time }, as));
  const { status, text } = await share("bob", "/files/inbox/here.txt");
  assertEquals(status, 200);
  const { url, until } = JSON.parse(text);
  assertEquals(Math.round((Date.parse(until) - Date.now()) / 60_000), 60);
  const opened = await askAs(command, url);
  assertEquals([opened.status, opened.text], [200, "inbox"]);
  // It is for this file, and to read it.
  const other = url.replace("inbox", "trash");
  assertEquals((await askAs(command, other)).status, 403);
  const put = { method: "PUT", body: "mine" };
  assertEquals((await askAs(command, url, put)).status, 403);
  for (
    const [as, path, time, expected] of [
      ["bob", "/files/private/here.txt", "3600", 404],
      ["bob", "/files/inbox/", "3600", 400],
      ["bob", "/files/inbox/here.txt", "59", 400],
      ["bob", "/files/inbox/here.txt", "2592001", 400],
      ["bob", "/files/inbox/here.txt", "1e3", 400],
      [undefined, "/files/inbox/here.txt", "3600", 401],
      // The link lets in nobody to make another one.
      ["bob", "/files/private/here.txt", "", 200],
    ] as const
  ) {
    assertEquals((await share(as, path, time)).status, expected, path);
  }
  const signed = await askAs(command, `share?${url.split("?")[1]}`, {
    ...sharing({ path: "/files/inbox/here.txt", for: "3600" }),
  });
  assertEquals(signed.status, 401);
  const foreign = await fetch(new URL("share", command.url), {
    method: "POST",
    headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    body: new URLSearchParams({ path: "/files/inbox/here.txt", for: "3600" }),
  });
  assert([401, 403].includes(foreign.status));
  await foreign.body?.cancel();
});

Deno.test("--public-read: a stranger shares no link that ends", {
  ignore,
}, async () => {
  await using running = await startGuarded(["--public-read"]);
  const fields = { path: "/files/inbox/here.txt" };
  const ask = async (more = {}) =>
    await askAs(running.command, "share", sharing({ ...fields, ...more }));
  assertEquals((await ask()).status, 200);
  assertEquals((await ask({ for: "3600" })).status, 401);
});

Deno.test("the address of this machine is shared as that on the network", {
  ignore,
}, async () => {
  await using running = await startGuarded([], {
    host: "--host=0.0.0.0",
    flags: ["--allow-sys=networkInterfaces"],
  });
  const { command } = running;
  const printed = command.stderr.all.find((line) =>
    line.startsWith("On the network: ")
  );
  const asked = sharing({ path: "/files/inbox/" }, "bob");
  const { url, isLocal } = JSON.parse(
    (await askAs(command, "share", asked)).text,
  );
  const expected = printed?.slice("On the network: ".length) ??
    command.url;
  assertEquals(url, `${expected}files/inbox/`);
  assertEquals(isLocal, printed === undefined);
});
