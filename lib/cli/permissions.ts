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
  | { name: "net"; host: string }
  | { name: "run"; command: string };

/** What has been requested and granted: all that the command needs. */
export const obtained: Need[] = [];

/**
 * Requests a permission. Returns undefined if it is granted, else what to
 * change, such as `add --allow-read=./public`. Deno prompts on a terminal, and
 * denies elsewhere.
 */
export async function obtain(need: Need): Promise<string | undefined> {
  let { state } = await Deno.permissions.query(need);
  if (state === "denied") return `remove --deny-${need.name}`;
  if (state === "prompt") ({ state } = await Deno.permissions.request(need));
  if (state === "granted") {
    obtained.push(need);
    return undefined;
  }
  // Deno's flags end a path at a comma, and have no escape.
  return "path" in need && need.path.includes(",")
    ? "choose a path without a comma"
    : `add ${flagFor(need)}`;
}

/** The flag that grants a permission, as one word for a shell. */
export function flagFor(need: Need): string {
  return shellWord(`--allow-${need.name}=${scopeOf(need)}`);
}

/** What a permission is limited to. */
export function scopeOf(need: Need): string {
  if ("path" in need) return need.path;
  if ("host" in need) return need.host;
  return "command" in need ? need.command : need.kind;
}

/** A text as one word for a shell. */
export function shellWord(text: string): string {
  if (/^[\w.,:/=[\]-]+$/.test(text)) return text;
  // These cannot be typed, and could control the terminal.
  if (/\p{C}/u.test(text)) return quoted(text);
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Permissions that a listening server no longer needs. */
export const dropped = ["net", "run", "env", "ffi", "sys", "import"] as const;

/** One of them. */
export type Dropped = typeof dropped[number];

/**
 * Gives up the permissions that a listening server no longer needs, to limit
 * the damage of a fault. A site needs none to write. The listener keeps working
 * without the permission that opened it.
 *
 * @param kept Those that it still needs. Default: none.
 */
export async function dropTheRest(
  kept: readonly Dropped[] = [],
): Promise<void> {
  for (const name of dropped) {
    // To ask again how full the disk is.
    if (name === "sys" && obtained.some((need) => need.name === name)) continue;
    if (!kept.includes(name)) await Deno.permissions.revoke({ name });
  }
  const writes = obtained.some(({ name }) => name === "write");
  if (!writes) await Deno.permissions.revoke({ name: "write" });
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
      ? `the served directory, and ${await othersOf(name, path)}`
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

/** What was granted beside a directory, such as the file of users. */
async function othersOf(
  name: "read" | "write",
  directory: string,
): Promise<string> {
  const others = new Set<string>();
  for (const need of obtained) {
    if (need.name !== name) continue;
    // What cannot be read is not the directory.
    const path = await Deno.realPath(need.path).catch(() => need.path);
    if (path !== directory) others.add(path);
  }
  if (others.size === 0) return "nothing else";
  return others.size === 1
    ? "one file that was named at the start"
    : `${others.size} files that were named at the start`;
}

function meaningOf(name: Dropped): string {
  return name === "net" ? "given up after it started to listen" : "none";
}
