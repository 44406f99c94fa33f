import { assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { mayRunCommand, Site, startCommand } from "../cli/command.ts";
import { mayInherit, startInheriting } from "../cli/inherited_socket.ts";

const ignore = !mayRunCommand;
const pathOf = (name: string) => fromFileUrl(new URL(name, import.meta.url));

/** Runs a script of this folder; it must say that nothing failed. */
async function runScript(name: string, args: string[]): Promise<void> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", pathOf(name), ...args],
    stdin: "null",
  }).output();
  const report = new TextDecoder().decode(stdout);
  assertStringIncludes(report, " passed, 0 failed\n", report);
}

// A case that passes with --no-drop passes without it, too: a silent close is
// then one more outcome that is allowed.
Deno.test({ name: "the conformance cases", ignore }, async () => {
  await using site = await Site.make();
  const args = ["--port", "0", "--log", "off"];
  await using server = await startCommand(args, { cwd: site.path });
  const { port } = new URL(server.url);
  await runScript("conformance.mjs", [
    ...["--port", port, "--no-drop", "--fails", "-v"],
  ]);
});

Deno.test({
  name: "the conformance cases on a socket of another program",
  ignore: !mayInherit,
}, async () => {
  await using site = await Site.make();
  await using server = await startInheriting(
    site.path,
    { address: "127.0.0.1" },
    ...["--log", "off"],
  );
  await runScript("conformance.mjs", [
    ...["--port", `${server.port}`, "--no-drop", "--fails", "-v"],
  ]);
});

Deno.test({ name: "the classic stages", ignore }, async () => {
  const { port } = freeAddress();
  const command = `'${Deno.execPath()}' run --no-prompt --allow-net ` +
    `--allow-read --allow-write '${pathOf("../../main.ts")}' --port ${port}`;
  await using site = await Site.make();
  await runScript("stages.mjs", [
    ...["--cmd", command, "--port", String(port), "--cwd", site.path],
  ]);
});

/** The stages want a server that is told its port beforehand. */
function freeAddress(): Deno.NetAddr {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr as Deno.NetAddr;
}
