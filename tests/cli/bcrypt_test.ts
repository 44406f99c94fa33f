/** Users whose lines `htpasswd -B` has written. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { BCRYPT, isBcrypt } from "../../lib/access/bcrypt.ts";
import {
  mayRunCommand,
  readmeFlags,
  runCommand,
  Site,
  startCommand,
} from "./command.ts";
import { askAs } from "./guarded_command.ts";

const flags = [...readmeFlags, "--allow-read=users"];

/** Of the password `secret`. */
const hash = "$2y$05$bFuGD1Gbad6EWayRgpYbQ.a4zHQBEgH8Ubar3gToDLs5S01RiA3Em";

async function hasHtpasswd(): Promise<boolean> {
  if (!mayRunCommand) return false;
  try {
    const args = ["-nbBC", "4", "a", "b"];
    return (await new Deno.Command("htpasswd", { args }).output()).success;
  } catch {
    return false;
  }
}

/** A line of the file, from the program itself. */
async function htpasswd(
  cost: number,
  name: string,
  password: string,
): Promise<string> {
  const args = ["-niBC", `${cost}`, name];
  await using child = new Deno.Command("htpasswd", {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(password));
  await writer.close();
  return (await new Response(child.stdout).text()).trim();
}

Deno.test({
  name: "htpasswd -B: its lines log in, with rights behind them",
  ignore: !(await hasHtpasswd()),
}, async () => {
  await using site = await Site.make();
  await Deno.writeTextFile(`${site.path}/public/a.txt`, "A");
  const lines = [
    await htpasswd(10, "alice", "secret"),
    `${await htpasswd(5, "bob", "secret")}:/=read`,
    await htpasswd(4, "zoe", "pässwörd ☃"),
  ];
  assertMatch(lines[0], /^alice:\$2y\$10\$/);
  await Deno.writeTextFile(`${site.path}/users`, lines.join("\n"));
  // With the permissions of the README, and the one for the users.
  await using command = await startCommand(["--port=0", "--auth=users"], {
    cwd: site.path,
    flags,
  });
  const status = async (as: string, method = "GET") => {
    const body = method === "PUT" ? "A" : undefined;
    const { status } = await askAs(command, "/files/a.txt", {
      as,
      method,
      body,
    });
    return status;
  };
  assertEquals(await status("alice"), 200);
  assertEquals(await status("alice", "PUT"), 204);
  assertEquals(await status("bob"), 200);
  assertEquals(await status("bob", "PUT"), 403);
  assertEquals(await status("zoe"), 401);
  assertEquals(await status("eve"), 401);
  const octets = new TextEncoder().encode("zoe:pässwörd ☃");
  const authorization = `Basic ${btoa(String.fromCharCode(...octets))}`;
  const zoe = await fetch(`${command.url}files/a.txt`, {
    headers: { authorization },
  });
  assertEquals(await zoe.text(), "A");
  const body = new URLSearchParams({ name: "alice", password: "secret" });
  const form = await fetch(`${command.url}login`, {
    method: "POST",
    body,
    redirect: "manual",
  });
  await form.body?.cancel();
  assertEquals(form.status, 303);
});

Deno.test("bcrypt: which hashes are taken", () => {
  for (const kind of ["$2a$", "$2b$", "$2y$"]) {
    assert(isBcrypt(hash.replace("$2y$", kind)));
  }
  for (
    const other of [
      hash.replace("$2y$", "$2x$"),
      hash.replace("$05$", "$03$"),
      // Each login would take seconds.
      hash.replace("$05$", "$15$"),
      hash.slice(0, -1),
      `${hash}a`,
      hash.replace("$05$", "$5$"),
      "",
    ]
  ) assert(!isBcrypt(other), other);
});

Deno.test("bcrypt: the thread has the package that the project names", () => {
  assertEquals(BCRYPT, project.imports.bcryptjs);
});

Deno.test({
  name: "a hash of another kind ends the start with what to change",
  ignore: !mayRunCommand,
}, async () => {
  await using site = await Site.make();
  // htpasswd without -B.
  await Deno.writeTextFile(
    `${site.path}/users`,
    "eve:$apr1$lZL6V/ci$eIMz/iKDkbtys/uU7LEK00\n",
  );
  const { code, stderr } = await runCommand(["--auth=users"], {
    cwd: site.path,
    flags,
  });
  assertEquals([code, stderr], [
    2,
    'Cannot use --auth: "users", line 1: the hash is not one of scrypt or ' +
    "bcrypt, make the line by sluice passwd NAME or htpasswd -B\n",
  ]);
});
