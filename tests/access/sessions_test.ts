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

const sessions = new Sessions(() => [keyOf(1)]);
const url = "http://h/";
const cookieOf = (user: User, by = sessions) =>
  by.begin(user, url).split(";")[0];

Deno.test("a cookie tells its user", () => {
  const users = usersOf(alice, zoe);
  for (const user of [alice, zoe]) {
    assertEquals(sessions.find(cookieOf(user), users, url), user);
    assertEquals(sessions.find(`a=b; ${cookieOf(user)}; c`, users, url), user);
  }
  assertEquals(sessions.find(null, users, url), undefined);
  assertEquals(sessions.find("sluice-login=", users, url), undefined);
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
      assertEquals(sessions.find(changed, users, url), undefined, changed);
    }
    assertEquals(sessions.find(cookie.slice(0, at), users, url), undefined);
  }
});

Deno.test("another password and a removed user end a login", () => {
  const cookie = cookieOf(alice);
  const changed = usersOf({ ...alice, hash: "two" });
  assertEquals(sessions.find(cookie, changed, url), undefined);
  assertEquals(sessions.find(cookie, usersOf(zoe), url), undefined);
});

Deno.test("a login ends after a week", () => {
  const { now } = Date;
  const cookie = cookieOf(alice);
  try {
    Date.now = () => now() + 7 * 24 * 3600_000 - 5000;
    assertEquals(sessions.find(cookie, usersOf(alice), url), alice);
    Date.now = () => now() + 7 * 24 * 3600_000 + 1;
    assertEquals(sessions.find(cookie, usersOf(alice), url), undefined);
  } finally {
    Date.now = now;
  }
});

Deno.test("the key before still holds, and no other", () => {
  const users = usersOf(alice);
  const rotated = new Sessions(() => [keyOf(2), keyOf(1)]);
  assertEquals(rotated.find(cookieOf(alice), users, url), alice);
  assertEquals(sessions.find(cookieOf(alice, rotated), users, url), undefined);
});

Deno.test("RFC 6265 §4.1: scripts and other sites do not get the cookie", () => {
  const begun = sessions.begin(alice, "https://h/");
  for (const part of ["HttpOnly", "SameSite=Lax", "Path=/", "Secure"]) {
    assert(begun.split("; ").includes(part), part);
  }
  assert(!sessions.begin(alice, "http://h/").includes("Secure"));
  assert(sessions.end("http://h/").includes("Max-Age=0"));
});

Deno.test("with TLS no other host of the domain can log somebody in", () => {
  const users = usersOf(alice);
  const secure = "https://h/";
  const [own] = sessions.begin(alice, secure).split(";");
  assertEquals(own.startsWith("__Host-sluice-login="), true);
  assertEquals(sessions.find(own, users, secure), alice);
  // A cookie of any other name may be from another host, or from before TLS.
  assertEquals(sessions.find(cookieOf(alice), users, secure), undefined);
  const both = `${cookieOf(alice)}; ${own}`;
  assertEquals(sessions.find(both, users, secure), alice);
  assertEquals(sessions.end(secure).startsWith("__Host-sluice-login=;"), true);
});
