/**
 * The permissions of this process: those already granted, those that a user
 * grants at a prompt, and the flag to add otherwise. It does not know what a
 * permission is for.
 *
 * @module
 */

import { quoted } from "./messages.ts";

/** A permission that the command needs, as narrow as possible. */
export type Need =
  | { name: "read" | "write"; path: string }
  | { name: "sys"; kind: "statfs" }
  | { name: "net"; host: string };

/**
 * Requests a permission. Returns undefined if it is granted, else what to
 * change, such as `add --allow-read=./public`. Deno prompts on a terminal, and
 * denies elsewhere.
 */
export async function obtain(need: Need): Promise<string | undefined> {
  const { state } = await Deno.permissions.query(need);
  if (state === "granted") return undefined;
  if (state === "denied") return `remove --deny-${need.name}`;
  const answer = await Deno.permissions.request(need);
  if (answer.state === "granted") return undefined;
  // Deno's flags end a path at a comma, and have no escape.
  return "path" in need && need.path.includes(",")
    ? "choose a path without a comma"
    : `add ${flagFor(need)}`;
}

/** The flag that grants a permission, as one word for a shell. */
export function flagFor(need: Need): string {
  const value = "path" in need
    ? need.path
    : "host" in need
    ? need.host
    : need.kind;
  const flag = `--allow-${need.name}=${value}`;
  if (/^[\w.,:/=[\]-]+$/.test(flag)) return flag;
  // These cannot be typed, and could control the terminal.
  if (/\p{C}/u.test(flag)) return quoted(flag);
  return `'${flag.replaceAll("'", `'\\''`)}'`;
}

/** Permissions that a listening server no longer needs. */
const dropped = ["net", "run", "env", "ffi", "sys", "import"] as const;

/**
 * Gives up the permissions that a listening server no longer needs, to limit
 * the damage of a fault. The listener keeps working without the permission that
 * opened it.
 *
 * @param isSysNeeded Whether it goes on asking how full the disk is.
 */
export async function dropTheRest(isSysNeeded = false): Promise<void> {
  for (const name of dropped) {
    if (name === "sys" && isSysNeeded) continue;
    await Deno.permissions.revoke({ name });
  }
}

/** The current permissions of the process, for people. */
export async function heldPermissions(
  path: string,
): Promise<[name: string, meaning: string][]> {
  const may = async (descriptor: Deno.PermissionDescriptor) =>
    (await Deno.permissions.query(descriptor)).state === "granted";
  const files = async (name: "read" | "write") =>
    await may({ name })
      ? "every file that its user can reach"
      : await may({ name, path })
      ? "the served directory, and nothing else"
      : "nothing";
  const rows: [string, string][] = [
    ["read", await files("read")],
    ["write", await files("write")],
  ];
  for (const name of dropped) {
    rows.push([name, await may({ name }) ? "granted" : meaningOf(name)]);
  }
  if (await may({ name: "sys", kind: "statfs" })) {
    rows.push(["sys=statfs", "how full the disk is"]);
  }
  return rows;
}

function meaningOf(name: typeof dropped[number]): string {
  return name === "net" ? "given up after it started to listen" : "none";
}
