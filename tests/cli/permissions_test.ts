import { assertEquals } from "@std/assert";
import { flagFor, type Need } from "../../lib/cli/permissions.ts";
import { mayRunCommand } from "./command.ts";

const flags: [need: Need, flag: string][] = [
  [{ name: "read", path: "./public" }, "--allow-read=./public"],
  [{ name: "write", path: "/srv/files" }, "--allow-write=/srv/files"],
  [{ name: "net", host: "127.0.0.1:0" }, "--allow-net=127.0.0.1:0"],
  [{ name: "net", host: "[::1]:4221" }, "--allow-net=[::1]:4221"],
  [{ name: "sys", kind: "statfs" }, "--allow-sys=statfs"],
  [{ name: "run", command: "/usr/bin/deno" }, "--allow-run=/usr/bin/deno"],
  [{ name: "read", path: "my files" }, "'--allow-read=my files'"],
  [{ name: "read", path: "it's; rm" }, `'--allow-read=it'\\''s; rm'`],
];
for (const [need, flag] of flags) {
  Deno.test(`flagFor() names ${flag}`, () => {
    assertEquals(flagFor(need), flag);
  });
}

/** The states after a script that may do everything has dropped the rest. */
async function statesAfter(...args: string[]): Promise<unknown> {
  const script = new URL("dropped_permissions.ts", import.meta.url).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-all", script, ...args],
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

const left = {
  read: "granted",
  write: "granted",
  net: "prompt",
  run: "prompt",
  env: "prompt",
  ffi: "prompt",
  sys: "prompt",
  import: "prompt",
};

Deno.test("dropTheRest() leaves the files, and nothing else", {
  ignore: !mayRunCommand,
}, async () => {
  assertEquals(await statesAfter("/srv"), left);
});

Deno.test("dropTheRest() leaves no right to write that nobody has asked for", {
  ignore: !mayRunCommand,
}, async () => {
  assertEquals(await statesAfter(), { ...left, write: "prompt" });
});
