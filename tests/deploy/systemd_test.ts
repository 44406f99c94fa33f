/** The units of systemd: how far they are shut off, and that they start the command. */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { RunningCommand, Site } from "../cli/command.ts";
import { folder, hasProgram, run } from "./installed.ts";

const main = fromFileUrl(new URL("../../main.ts", import.meta.url));

/** systemd's own scale: below 2 is safe. */
const MOST_EXPOSED = 1;

Deno.test("sluice.service is shut off from the rest of the machine", {
  ignore: !await hasProgram("systemd-analyze"),
}, async () => {
  const { text } = await run(
    "systemd-analyze",
    ...["security", "--offline=true", "./sluice.service"],
  );
  const exposed = /exposure level for sluice.service: ([\d.]+) /.exec(text);
  assert(Number(exposed?.[1]) < MOST_EXPOSED, text);
});

Deno.test("the units are understood", {
  ignore: !await hasProgram("systemd-analyze"),
}, async () => {
  const { text } = await run(
    "systemd-analyze",
    ...["verify", "./sluice.service", "./sluice.socket"],
  );
  // What it starts is not installed here, perhaps.
  const wrong = text.split("\n").filter((line) =>
    line.includes("sluice") && !line.includes("is not executable")
  );
  assertEquals(wrong, []);
});

/** What the service starts, with other paths. */
async function startLine(site: string): Promise<string[]> {
  const unit = await Deno.readTextFile(`${folder}sluice.service`);
  const line = /^ExecStart=((?:.*\\\n)*.*)$/m.exec(unit)![1];
  return line.replaceAll("\\\n", " ")
    .replace("/usr/local/bin/deno", Deno.execPath())
    .replace("/opt/sluice/main.ts", main)
    .replaceAll("/srv/sluice", site)
    .trim().split(/ +/);
}

Deno.test("sluice.service serves on the socket of systemd", {
  ignore: !await hasProgram("systemd-socket-activate"),
}, async () => {
  await using site = await Site.make();
  const line = await startLine(`${site.path}/public`);
  assertEquals(line.filter((each) => each.startsWith("--allow-net")), []);
  const path = `${site.path}/socket`;
  // It passes on no others, and Deno finds its packages by these.
  const variables = ["HOME", "DENO_DIR"]
    .filter((name) => Deno.env.get(name) !== undefined)
    .map((name) => `--setenv=${name}`);
  const child = new Deno.Command("systemd-socket-activate", {
    args: ["--listen", path, ...variables, ...line],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await using command = new RunningCommand(child);
  await command.stderr.until(/^Listening on /);
  // It starts when somebody comes.
  using conn = await Deno.connect({ transport: "unix", path });
  await conn.write(new TextEncoder().encode(
    "GET /echo/abc HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
  ));
  const answer = await new Response(conn.readable).text();
  assert(answer.endsWith("\r\n\r\nabc"), answer);
  command.kill("SIGTERM");
  assertEquals((await command.status).code, 0);
});
