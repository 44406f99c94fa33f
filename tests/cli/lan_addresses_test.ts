/** What the command says of its addresses on the network. */

import { assertEquals, assertMatch } from "@std/assert";
import { qrCode } from "../../lib/cli/lan_addresses.ts";
import { mayRunCommand, readmeFlags, Site, startCommand } from "./command.ts";

const ignore = !mayRunCommand;
const seeing = "--allow-sys=networkInterfaces";
const everywhere = ["--port=0", "--host=0.0.0.0"];

Deno.test(
  { name: "every address on the network is told, and answers", ignore },
  async () => {
    await using site = await Site.make();
    await using command = await startCommand(everywhere, {
      cwd: site.path,
      flags: [...readmeFlags, seeing],
    });
    const urls = command.stderr.all
      .filter((line) => line.startsWith("On the network: "))
      .map((line) => line.slice("On the network: ".length));
    for (const url of urls) {
      assertMatch(url, /^http:\/\/\d+\.\d+\.\d+\.\d+:\d+\/$/);
      assertEquals(await (await fetch(`${url}echo/a`)).text(), "a");
    }
    assertEquals(
      command.stderr.all.includes(
        "Add --allow-sys=networkInterfaces to see its addresses here",
      ),
      false,
    );
  },
);

Deno.test(
  { name: "without permission to see addresses it says which", ignore },
  async () => {
    await using site = await Site.make();
    await using command = await startCommand(everywhere, { cwd: site.path });
    assertEquals(
      command.stderr.all.filter((line) => /network/.test(line)),
      [
        "Reachable from the network: listening on 0.0.0.0",
        "Add --allow-sys=networkInterfaces to see its addresses here",
      ],
    );
  },
);

for (
  const [args, warning] of [
    [[], "write files"],
    [["--delete"], "write and delete files"],
    [["--upload-only"], "bring files"],
    [["--read-only"], undefined],
  ] as const
) {
  const name = `reachable with ${args.join() || "no option"}: the warning`;
  Deno.test({ name, ignore }, async () => {
    await using site = await Site.make();
    await using command = await startCommand(
      [...everywhere, "--log-level=debug", ...args],
      // It is told after the directory.
      { cwd: site.path, ready: warning ? /^Anyone / : /^Serving / },
    );
    const told = command.stderr.all.filter((line) => line.startsWith("Anyone"));
    const whole = `Anyone who reaches this port may ${warning} without a login`;
    assertEquals(told, warning ? [whole] : []);
  });
}

Deno.test(
  { name: "on loopback there is nothing to warn of", ignore },
  async () => {
    await using site = await Site.make();
    await using command = await startCommand(["--port=0"], { cwd: site.path });
    assertEquals(command.stderr.all.length, 2);
  },
);

Deno.test({
  name: "a terminal shows the code of an address",
  ignore: ignore || !(await mayUseTerminal()),
}, async () => {
  await using site = await Site.make();
  const main = new URL("../../main.ts", import.meta.url).pathname;
  const flags = `--no-prompt --allow-net ${seeing} --allow-read=./public`;
  const line = `'${Deno.execPath()}' run ${flags} '${main}' -p 0 -H 0.0.0.0`;
  const command = new Deno.Command("script", {
    args: ["-qefc", `timeout 30 ${line}`, "/dev/null"],
    cwd: site.path,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
  });
  await using child = command.spawn();
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part.replaceAll("\r", "");
    if (/^Serving .*\n/m.test(text)) break;
  }
  child.kill();
  const url = /^On the network: (\S+)$/m.exec(text)?.[1];
  const shown = text.split("\n").filter((each) => /^[█▀▄ ]+$/.test(each));
  assertEquals(shown.join("\n"), url ? await qrCode(url) : "");
});

async function mayUseTerminal(): Promise<boolean> {
  const run = { name: "run", command: "script" } as const;
  if ((await Deno.permissions.query(run)).state !== "granted") return false;
  try {
    const { success } = await new Deno.Command("script", {
      args: ["--version"],
    }).output();
    return success;
  } catch {
    return false;
  }
}
