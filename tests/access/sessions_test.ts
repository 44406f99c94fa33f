/** A login holds for its user, its password and its time, and for no other. */

import { assert, assertEquals } from "@std/assert";
import { Rights } from "../../lib/access/rights.ts";
import { Sessions } from "../../lib/access/sessions.ts";
import type { User } from "../../lib/access/users.ts";

const rights = new Rights([]);
const alice: User = { name: "alice", hash: "one", rights };
const zoe: User = { name: "Zoë", hash: "one", rights };
const usersOf = (...users: User[]) =>
  new Map(users.map((user) => [user.name, user]));
const keyOf = (octet: number) => new Uint8Array(32).fill(octet);

const sessions = new Sessions([keyOf(1)]);
const cookieOf = (user: User, by = sessions) =>
  by.begin(user, "http://h/").split(";")[0];

Deno.test("a cookie tells its user", () => {
  const users = usersOf(alice, zoe);
  for (const user of [alice, zoe]) {
    assertEquals(sessions.find(cookieOf(user), users), user);
    assertEquals(sessions.find(`a=b; ${cookieOf(user)}; c`, users), user);
  }
  assertEquals(sessions.find(null, users), undefined);
  assertEquals(sessions.find("sluice-login=", users), undefined);
});

Deno.test("a cookie that is changed by a character tells nobody", () => {
  const users = usersOf(alice, { ...alice, name: "blice" });
  const cookie = cookieOf(alice);
  const start = "sluice-login=".length;
  for (let at = start; at < cookie.length; at++) {
    for (const other of ["A", "1", ".", "-"]) {
      // The last one has two bits that are not of the signature.
      if (cookie[at] === other || at === cookie.length - 1) continue;
      const changed = cookie.slice(0, at) + other + cookie.slice(at + 1);
      assertEquals(sessions.find(changed, users), undefined, changed);
    }
    assertEquals(sessions.find(cookie.slice(0, at), users), undefined);
  }
});

Deno.test("another password and a removed user end a login", () => {
  const cookie = cookieOf(alice);
  const changed = usersOf({ ...alice, hash: "two" });
  assertEquals(sessions.find(cookie, changed), undefined);
  assertEquals(sessions.find(cookie, usersOf(zoe)), undefined);
});

Deno.test("a login ends after a week", () => {
  const { now } = Date;
  const cookie = cookieOf(alice);
  try {
    Date.now = () => now() + 7 * 24 * 3600_000 - 5000;
    assertEquals(sessions.find(cookie, usersOf(alice)), alice);
    Date.now = () => now() + 7 * 24 * 3600_000 + 1;
    assertEquals(sessions.find(cookie, usersOf(alice)), undefined);
  } finally {
    Date.now = now;
  }
});

Deno.test("the key before still holds, and no other", () => {
  const users = usersOf(alice);
  const rotated = new Sessions([keyOf(2), keyOf(1)]);
  assertEquals(rotated.find(cookieOf(alice), users), alice);
  assertEquals(sessions.find(cookieOf(alice, rotated), users), undefined);
});

Deno.test("RFC 6265 §4.1: scripts and other sites do not get the cookie", () => {
  const begun = sessions.begin(alice, "https://h/");
  for (const part of ["HttpOnly", "SameSite=Lax", "Path=/", "Secure"]) {
    assert(begun.split("; ").includes(part), part);
  }
  assert(!sessions.begin(alice, "http://h/").includes("Secure"));
  assert(sessions.end("http://h/").includes("Max-Age=0"));
});
