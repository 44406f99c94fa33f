/** Paths written a little wrong lead nobody to what a rule keeps from them. */

import { assertEquals } from "@std/assert";
import { hashPassword } from "../../lib/access/password_hash.ts";
import { mayRunCommand, readmeFlags, Site, startCommand } from "./command.ts";

Deno.test({
  name: "a redirect tells no more than a right allows",
  ignore: !mayRunCommand,
}, async () => {
  await using site = await Site.make();
  await Deno.mkdir(`${site.path}/public/private/sub`, { recursive: true });
  await Deno.writeTextFile(`${site.path}/public/open.txt`, "open");
  await Deno.writeTextFile(`${site.path}/public/private/a.txt`, "secret");
  const hash = await hashPassword("secret");
  await Deno.writeTextFile(
    `${site.path}/users`,
    `alice:${hash}\nbob:${hash}:/=read /private=none\n`,
  );
  await using command = await startCommand(
    ["--port=0", "--log=off", "--auth", "users"],
    { cwd: site.path, flags: [...readmeFlags, "--allow-read=users"] },
  );
  const ask = async (user: string, path: string) => {
    const response = await fetch(`${command.url}files/${path}`, {
      redirect: "manual",
      headers: { authorization: `Basic ${btoa(`${user}:secret`)}` },
    });
    const { status, headers } = response;
    return [status, headers.get("location"), await response.text()];
  };
  for (
    const [path, location] of [
      ["/open.txt", "/files/open.txt"],
      ["open.txt/", "/files/open.txt"],
    ]
  ) {
    assertEquals(await ask("alice", path), [308, location, ""]);
    assertEquals(await ask("bob", path), [308, location, ""]);
  }
  const absent = await ask("bob", "none");
  for (
    const [path, location] of [
      ["private", "/files/private/"],
      ["/private/a.txt", "/files/private/a.txt"],
      ["private//a.txt", "/files/private/a.txt"],
      ["private/a.txt/", "/files/private/a.txt"],
      ["//private//sub", "/files/private/sub/"],
      ["PRIVATE//a.txt", null],
    ]
  ) {
    assertEquals(await ask("bob", path!), absent, path!);
    const [status, to] = await ask("alice", path!);
    assertEquals([status, to], location ? [308, location] : [404, null]);
  }
});
