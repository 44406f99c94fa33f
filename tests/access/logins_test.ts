/** Passwords are verified few at once, remembered, and not to be guessed. */

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import { GuessBrake } from "../../lib/access/guess_brake.ts";
import { Logins, parseBasic } from "../../lib/access/logins.ts";
import {
  hashPassword,
  PasswordVerifier,
} from "../../lib/access/password_hash.ts";
import { parseUsers } from "../../lib/access/users.ts";
import { HttpError } from "../../lib/errors.ts";

const noPaths = () => [];
const line = `alice:${await hashPassword("right")}`;
const users = parseUsers(line, noPaths);

Deno.test("a verified password costs a hash once, until it changes", async () => {
  let time = 0;
  const logins = new Logins(users, { hashes: 1, now: () => time });
  const asAlice = () => logins.find({ name: "alice", password: "right" }, "1");
  assertEquals((await asAlice())?.name, "alice");
  assert(!(asAlice() instanceof Promise), "it is remembered");
  time += 5 * 60_000;
  const again = asAlice();
  assert(again instanceof Promise, "it is forgotten after minutes");
  assertEquals((await again)?.name, "alice");
  logins.users = parseUsers(`alice:${await hashPassword("new")}`, noPaths);
  assertEquals(await asAlice(), undefined);
  logins.users = parseUsers(line.replace("alice", "bob"), noPaths);
  assertEquals(await asAlice(), undefined);
});

Deno.test("rights that change count for remembered passwords", async () => {
  const logins = new Logins(users, { hashes: 1 });
  const asAlice = () => logins.find({ name: "alice", password: "right" }, "1");
  assertEquals((await asAlice())?.rights.may("write", ["x"]), true);
  logins.users = parseUsers(`${line}:/=read`, noPaths);
  assertEquals((await asAlice())?.rights.may("write", ["x"]), false);
});

Deno.test("wrong passwords of a client are slowed down, for any name", async () => {
  let time = 0;
  const logins = new Logins(users, { hashes: 1, now: () => time });
  const guess = (name: string, password: string, client: string) =>
    logins.find({ name, password }, client);
  await guess("alice", "right", "1");
  for (const name of ["alice", "bob", "carol", "alice", "dave"]) {
    assertEquals(await guess(name, "wrong", "1"), undefined);
  }
  const error = assertThrows(() => guess("eve", "wrong", "1"), HttpError);
  assertEquals(error.status, 429);
  assertEquals(error.headers, { "retry-after": "6" });
  // Someone who has logged in before, and another client, do not notice.
  assertEquals((await guess("alice", "right", "1"))?.name, "alice");
  assertEquals(await guess("alice", "other", "2"), undefined);
  time += 6000;
  assertEquals(await guess("eve", "wrong", "1"), undefined);
  assertThrows(() => guess("eve", "again", "1"), HttpError);
});

Deno.test("a flood of logins runs few hashes at once, and is bounded", async () => {
  const verifier = new PasswordVerifier(2, 3);
  const cheap = `$scrypt$ln=14,r=8,p=1$${"A".repeat(22)}$${"A".repeat(43)}`;
  const ends = await Promise.allSettled(
    Array.from({ length: 9 }, () => verifier.verify("wrong", cheap)),
  );
  assertEquals(verifier.peak, 2);
  const refused = ends.filter((end) => end.status === "rejected");
  assertEquals(refused.length, 9 - 2 - 3);
  for (const { reason } of refused) {
    assertInstanceOf(reason, HttpError);
    assertEquals(reason.status, 503);
  }
  assertEquals(await verifier.verify("wrong", cheap), false);
});

Deno.test("the same password at once costs one hash and one try", async () => {
  const logins = new Logins(users, { hashes: 1 });
  const found = await Promise.all(
    Array.from(
      { length: 20 },
      () => logins.find({ name: "alice", password: "right" }, "1"),
    ),
  );
  assertEquals(found.map((user) => user?.name), Array(20).fill("alice"));
});

Deno.test("a name that nobody has takes as long as one that somebody has", async () => {
  const hash = `$scrypt$ln=14,r=8,p=1$${"A".repeat(22)}$${"A".repeat(43)}`;
  const cheap = parseUsers(`alice:${hash}\nbob:${hash}`, noPaths);
  const logins = new Logins(cheap, { hashes: 1 });
  const time = async (name: string) => {
    const start = performance.now();
    assertEquals(await logins.find({ name, password: "x" }, name), undefined);
    return performance.now() - start;
  };
  await time("alice");
  const known = await time("bob");
  // Without a hash it takes less than a ms.
  assert(await time("eve") > known / 10);
});

Deno.test("the brake lets a number pass at once, then one in a period", () => {
  let time = 1000;
  const brake = new GuessBrake({ burst: 3, period: 100, now: () => time });
  for (let tries = 0; tries < 3; tries++) {
    assertEquals(brake.wait("a"), 0);
    brake.count("a");
  }
  assertEquals(brake.wait("a"), 100);
  assertEquals(brake.wait("b"), 0);
  brake.forgive("a");
  assertEquals(brake.wait("a"), 0);
  brake.count("a");
  time += 60;
  assertEquals(brake.wait("a"), 40);
});

Deno.test("RFC 7617 §2: Basic credentials are base64 of UTF-8", () => {
  const basic = (text: string) =>
    "Basic " + btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  assertEquals(parseBasic(basic("Zoë:a:b")), { name: "Zoë", password: "a:b" });
  assertEquals(parseBasic(basic(":")), { name: "", password: "" });
  for (
    const field of [
      "",
      "Basic",
      "Basic !",
      basic("no colon"),
      "Bearer x",
      "Basic /w==",
      basic("a:" + "b".repeat(2000)),
    ]
  ) assertEquals(parseBasic(field), undefined, field);
});
