/** What the command says about permissions that it does not need. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  mayRunCommand,
  readmeFlags,
  RunningCommand,
  Site,
  startCommand,
} from "./command.ts";

const ignore = !mayRunCommand || Deno.build.os === "windows";

const START = "More is allowed than needed";

/** All that it says, from its start to its end. */
async function messagesOf(command: RunningCommand): Promise<string[]> {
  await command.stderr.until(/^Serving /);
  command.kill("SIGTERM");
  await command.status;
  await command.stderr.end;
  return command.stderr.all;
}

async function adviceFor(
  site: Site,
  args: string[],
  flags: string[],
): Promise<string[]> {
  await using command = await startCommand(args, { cwd: site.path, flags });
  const messages = await messagesOf(command);
  return messages.filter((line) => line.startsWith(START));
}

const folders = ["--allow-read=./public", "--allow-write=./public"];

const cases: [flags: string[], excess: string | undefined][] = [
  [readmeFlags, undefined],
  [["--allow-net=127.0.0.1:0", ...folders], undefined],
  [["--allow-net", "--allow-read", "--allow-write=./public"], "read"],
  [["--allow-net", "--allow-read", "--allow-write"], "read, write"],
  [["--allow-env", "--allow-net", ...folders], "env"],
  [["--allow-all"], "read, write, run, env, ffi, sys, import"],
];
for (const [flags, excess] of cases) {
  Deno.test(`${flags.join(" ")}: ${excess ?? "nothing"} is too much`, {
    ignore,
  }, async () => {
    await using site = await Site.make();
    const advice = await adviceFor(site, ["--port=0"], flags);
    assertEquals(advice.length, excess === undefined ? 0 : 1);
    if (excess) {
      assert(advice[0].startsWith(`${START} (${excess}). `), advice[0]);
    }
  });
}

Deno.test(
  "the command that it prints is enough, whatever is in the arguments",
  {
    ignore,
  },
  async () => {
    await using site = await Site.make();
    const directory = `${site.path}/it's a folder`;
    await Deno.mkdir(directory);
    await Deno.symlink(directory, `${site.path}/link`);
    const socket = `${site.path}/socket`;
    const log = `${site.path}/log file`;
    for (
      const args of [
        ["--port", "0", "--directory", directory],
        ["--port", "0", "--directory", "link", "--log-file", log],
        ["--port", "0", "--directory", "link", "--site"],
        ["--listen", `unix:${socket}`, "--admin", "127.0.0.1:0"],
      ]
    ) {
      const [advice] = await adviceFor(site, args, ["--allow-all"]);
      const [, line] = /This is enough: deno (run .*)$/.exec(advice)!;
      const child = new Deno.Command("sh", {
        args: ["-c", `exec '${Deno.execPath()}' ${line}`],
        cwd: site.path,
        env: { NO_COLOR: "1" },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      await using command = new RunningCommand(child);
      const messages = await messagesOf(command);
      assertEquals(messages.filter((each) => each.startsWith(START)), []);
      const isSite = args.includes("--site");
      assertMatch(
        messages.find((each) => each.startsWith("Serving "))!,
        isSite ? /read only$/ : /read and write$/,
      );
      assertEquals(line.includes("--allow-write"), !isSite);
    }
  },
);
