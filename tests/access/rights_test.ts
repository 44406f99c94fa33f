/** Which rule counts for a path, and in which spellings. */

import { assertEquals, assertThrows } from "@std/assert";
import type { Right, Rights } from "../../lib/access/rights.ts";
import { parseUsers, UsersError } from "../../lib/access/users.ts";

const HASH = `$scrypt$ln=15,r=8,p=1$${"A".repeat(22)}$${"A".repeat(43)}`;

const split = (path: string) => {
  if (path.split("/").some((name) => name === "")) throw new Error("empty");
  return path.split("/").map(decodeURIComponent);
};

function rightsOf(text: string): Rights {
  return parseUsers(`alice:${HASH}:${text}`, split).get("alice")!.rights;
}

const letters = { r: "read", w: "write", d: "delete" } as const;

/** The letters of the rights that hold. */
function held(rights: Rights, path: string): string {
  const names = path === "" ? [] : path.split("/");
  return Object.entries(letters)
    .filter(([, right]) => rights.may(right as Right, names))
    .map(([letter]) => letter)
    .join("");
}

Deno.test("the rule with the longest path counts", () => {
  const rights = rightsOf(
    "/=read /inbox=read,write /inbox/done=none /a%20b/=read,write,delete",
  );
  for (
    const [path, expected] of [
      ["", "r"],
      ["x", "r"],
      ["inbox", "rw"],
      ["inbox/x", "rw"],
      ["inbox2", "r"],
      ["inbox/done", ""],
      ["inbox/done/x/y", ""],
      ["inbox/done2", "rw"],
      ["a b/c", "rwd"],
      ["a", "r"],
    ]
  ) assertEquals(held(rights, path), expected, path);
});

Deno.test("other spellings of a path have no more rights", () => {
  const rights = rightsOf("/=read /private=none /Inbox=read,write");
  for (
    const [path, expected] of [
      ["PRIVATE", ""],
      ["pr\u0131vate", ""],
      ["Private/x", ""],
      ["pri\u200cvate", ""],
      ["Inbox/x", "rw"],
      // Only the spelling in the rule has its rights.
      ["inbox/x", "r"],
      ["INBOX", "r"],
    ]
  ) assertEquals(held(rights, path), expected, path);
  const composed = rightsOf("/=read /caf%C3%A9=none");
  assertEquals(held(composed, "cafe\u0301"), "");
});

Deno.test("without a rule there is no right; without rules there are all", () => {
  assertEquals(held(rightsOf("/inbox=read"), "x"), "");
  assertEquals(held(rightsOf("/inbox=read"), ""), "");
  assertEquals(held(rightsOf(""), "x"), "rwd");
});

Deno.test("a right below a path holds for all of it", () => {
  const rights = rightsOf("/=read,write,delete /a/b=read,write /c=none");
  assertEquals(rights.mayBelow("write", ["a"]), true);
  assertEquals(rights.mayBelow("delete", ["a"]), false);
  assertEquals(rights.mayBelow("delete", ["A"]), false);
  assertEquals(rights.mayBelow("delete", ["ab"]), true);
  assertEquals(rights.mayBelow("read", []), false);
});

Deno.test("a wrong line is refused with its number", () => {
  for (
    const [line, message] of [
      ["alice", "line 2: write name:hash, as sluice passwd NAME prints it"],
      [":" + HASH, "line 2: write name:hash, as sluice passwd NAME prints it"],
      [
        "alice:secret",
        "line 2: the hash is not one of scrypt or bcrypt, make the line by",
      ],
      [`bob:${HASH}`, "line 2: write each name once"],
      [
        `alice:${HASH}:read`,
        "line 2: write rights such as /=read /inbox=read,write,delete /secret=none",
      ],
      [
        `alice:${HASH}:/=all`,
        "line 2: the rights are read, write, delete, or none alone",
      ],
      [
        `alice:${HASH}:/=write`,
        "line 2: add read: an answer to write or delete tells what is there",
      ],
      [
        `alice:${HASH}:/a//b=read`,
        "line 2: write each path as in a URL, without hidden names",
      ],
      [
        `alice:${HASH}:/a=read /A=none`,
        "line 2: write each path once, in any case",
      ],
    ]
  ) {
    assertThrows(
      () => parseUsers(`bob:${HASH}\n${line}\n`, split),
      UsersError,
      message,
    );
  }
  assertThrows(() => parseUsers("# nobody\n\n", split), UsersError, "no user");
});

Deno.test("no hash may cost more than the server can bear", () => {
  for (const cost of ["ln=18,r=8,p=1", "ln=15,r=9,p=1", "ln=15,r=8,p=5"]) {
    const line = `alice:${HASH.replace("ln=15,r=8,p=1", cost)}`;
    assertThrows(
      () => parseUsers(line, split),
      UsersError,
      "not one of scrypt",
    );
  }
});
