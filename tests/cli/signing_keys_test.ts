/** The keys that sign: which file they are from, and how they are changed. */

import { assertEquals, assertMatch } from "@std/assert";
import { hashPassword } from "../../lib/access/password_hash.ts";
import {
  mayRunCommand,
  readmeFlags,
  runCommand,
  type RunningCommand,
  Site,
  startCommand,
} from "./command.ts";

const ignore = !mayRunCommand;
const line = ignore ? "" : `bob:${await hashPassword("secret")}\n`;
const flags = [...readmeFlags, "--allow-read=users,keys"];

function newKey(): string {
  return btoa(String.fromCharCode(
    ...crypto.getRandomValues(new Uint8Array(32)),
  ));
}

async function makeSite(): Promise<Site> {
  const site = await Site.make();
  await Deno.writeTextFile(`${site.path}/users`, line);
  await Deno.writeTextFile(`${site.path}/public/a.txt`, "A");
  return site;
}

function start(site: Site, ...more: string[]): Promise<RunningCommand> {
  const args = ["--port=0", "--auth=users", ...more];
  return startCommand(args, { cwd: site.path, flags });
}

/** Logs in by the form; fulfilled with the cookie. */
async function logIn({ url }: RunningCommand): Promise<string> {
  const body = new URLSearchParams({ name: "bob", password: "secret" });
  const response = await fetch(`${url}login`, {
    method: "POST",
    body,
    redirect: "manual",
  });
  await response.body?.cancel();
  return response.headers.get("set-cookie")!.split(";")[0];
}

async function statusWith(
  { url }: RunningCommand,
  cookie: string,
): Promise<number> {
  const response = await fetch(`${url}files/a.txt`, { headers: { cookie } });
  await response.body?.cancel();
  return response.status;
}

/** Replaces a file in one step. */
async function replace(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(`${path}.new`, text);
  await Deno.rename(`${path}.new`, path);
}

/** Asks until something holds: a change counts within a second. */
async function asking(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!await holds()) {
    if (performance.now() > end) throw new Error("It does not hold");
  }
}

Deno.test("--key-file: a login holds where the keys are the same", {
  ignore,
}, async () => {
  await using site = await makeSite();
  await using other = await makeSite();
  const keys = `${newKey()}\n`;
  for (const { path } of [site, other]) {
    await Deno.writeTextFile(`${path}/keys`, keys);
  }
  await using command = await start(site, "--key-file=keys");
  await using same = await start(other, "--key-file=keys");
  await using stranger = await start(other);
  const cookie = await logIn(command);
  assertEquals(await statusWith(command, cookie), 200);
  assertEquals(await statusWith(same, cookie), 200);
  assertEquals(await statusWith(stranger, cookie), 401);
});

Deno.test("a key is changed by SIGHUP, and the one before still holds", {
  ignore,
}, async () => {
  await using site = await makeSite();
  const path = `${site.path}/keys`;
  const [first, second] = [newKey(), newKey()];
  await Deno.writeTextFile(path, `${first}\n`);
  await using command = await start(site, "--key-file=keys");
  const before = await logIn(command);
  await replace(path, `${second}\n${first}\n`);
  command.kill("SIGHUP");
  await command.stderr.until(/^The signing keys are read again/);
  assertEquals(await statusWith(command, before), 200);
  const after = await logIn(command);
  await replace(path, "no key\n");
  command.kill("SIGHUP");
  assertMatch(
    await command.stderr.until(/^The signing keys stay/),
    /"keys", line 1 is no key: openssl rand/,
  );
  assertEquals(await statusWith(command, after), 200);
  await replace(path, `${second}\n`);
  await asking(async () => await statusWith(command, before) === 401);
  assertEquals(await statusWith(command, after), 200);
});

Deno.test("instances on one folder notice that its key has changed", {
  ignore,
}, async () => {
  await using site = await makeSite();
  const path = `${site.path}/public/.sluice-state/login-keys`;
  await using one = await start(site);
  await using two = await start(site);
  const before = await logIn(one);
  assertEquals(await statusWith(two, before), 200);
  const [old] = (await Deno.readTextFile(path)).split("\n");
  const key = newKey();
  await replace(path, `${key}\n${old}\n`);
  for (const each of [one, two]) {
    // Each looks when it is asked, a second after it has looked before.
    await asking(async () => {
      assertEquals(await statusWith(each, before), 200);
      return each.stderr.all.includes("The signing keys are read again");
    });
  }
  const after = await logIn(one);
  assertEquals(await statusWith(two, after), 200);
  await Deno.remove(path);
  for (const each of [one, two]) {
    await asking(async () => await statusWith(each, after) === 401);
  }
  const anew = await logIn(one);
  await asking(async () => await statusWith(two, anew) === 200);
});

Deno.test("sluice link signs by --key-file, and reads nothing else", {
  ignore,
}, async () => {
  await using site = await makeSite();
  await Deno.writeTextFile(`${site.path}/keys`, newKey());
  await using command = await start(site, "--key-file=keys");
  const main = new URL("../../main.ts", import.meta.url).href;
  const asked = ["link", "a.txt", "--for=2h", "--key-file=keys"];
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read=keys", main, ...asked],
    cwd: site.path,
  }).output();
  const link = new TextDecoder().decode(stdout).trim();
  const got = await fetch(new URL(link, command.url));
  assertEquals(await got.text(), "A");
});

Deno.test("a wrong --key-file ends the start with what to change", {
  ignore,
}, async () => {
  await using site = await makeSite();
  const run = (...args: string[]) =>
    runCommand(["--port=0", ...args], { cwd: site.path, flags });
  const withKeys = async (text: string) => {
    await Deno.writeTextFile(`${site.path}/keys`, text);
    return await run("--auth=users", "--key-file=keys");
  };
  const absent = await run("--auth=users", "--key-file=keys");
  assertEquals([absent.code, absent.stderr], [
    1,
    'Cannot use --key-file: "keys", there is no such file, make it by ' +
    "openssl rand -base64 32\n",
  ]);
  for (
    const [text, why] of [
      ["", "it has no key"],
      ["short\n", "line 1 is no key"],
      [`${newKey()}\n${newKey()}!\n`, "line 2 is no key"],
    ]
  ) {
    const { code, stderr } = await withKeys(text);
    assertEquals([code, stderr], [
      2,
      `Cannot use --key-file: "keys", ${why}: openssl rand -base64 32\n`,
    ]);
  }
  const inside = `${site.path}/public/keys`;
  await Deno.writeTextFile(inside, newKey());
  const served = await run("--auth=users", "--key-file=public/keys");
  assertEquals(served.code, 1);
  assertMatch(served.stderr, /"public\/keys" is among the served files/);
  const denied = await runCommand(["--password", "--key-file=keys"], {
    cwd: site.path,
  });
  assertEquals(denied.code, 1);
  assertMatch(denied.stderr, /not allowed, add --allow-read=keys/);
});
