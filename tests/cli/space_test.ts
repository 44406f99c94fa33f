/** `--max-total` and `--keep-free`: how much of the disk clients may fill. */

import { assertEquals, assertMatch } from "@std/assert";
import {
  mayRunCommand,
  readmeFlags,
  runCommand,
  Site,
  startCommand,
} from "./command.ts";

const ignore = !mayRunCommand;

async function put(url: string, body: BodyInit): Promise<number> {
  const response = await fetch(url, { method: "PUT", body });
  await response.body?.cancel();
  return response.status;
}

/** Content whose length is not known beforehand. */
function endless(): ReadableStream {
  return new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(10_000)),
  });
}

Deno.test(
  "--max-total: 507 past it, and nothing is left",
  { ignore },
  async () => {
    await using site = await Site.make();
    await using command = await startCommand(
      ["--port=0", "--max-total=100k"],
      { cwd: site.path },
    );
    const files = `${command.url}files/`;
    assertEquals(await put(`${files}a`, "x".repeat(60_000)), 201);
    assertEquals(await put(`${files}b`, "x".repeat(60_000)), 507);
    assertEquals(await put(`${files}b`, endless()), 507);
    assertEquals(await put(`${files}c`, "x".repeat(30_000)), 201);
    const list = await fetch(files, { headers: { accept: "text/plain" } });
    assertEquals((await list.text()).trim().split("\n").sort(), ["a", "c"]);
  },
);

Deno.test(
  "--keep-free: 507 where less would stay free",
  { ignore },
  async () => {
    await using site = await Site.make();
    const flags = [...readmeFlags, "--allow-sys=statfs"];
    for (const [size, status] of [["1", 201], ["4000000g", 507]] as const) {
      await using command = await startCommand(
        ["--port=0", `--keep-free=${size}`],
        { cwd: site.path, flags },
      );
      assertEquals(await put(`${command.url}files/a`, "x"), status);
      const about = await fetch(`${command.url}about`, {
        headers: { accept: "text/html" },
      });
      assertMatch(await about.text(), /sys=statfs/);
    }
  },
);

Deno.test(
  "--keep-free says which permission it needs",
  { ignore },
  async () => {
    await using site = await Site.make();
    const { code, stderr } = await runCommand(
      ["--port=0", "--keep-free=1g"],
      { cwd: site.path },
    );
    assertEquals(code, 1);
    assertEquals(
      stderr.trim(),
      "Cannot use --keep-free: not allowed, add --allow-sys=statfs",
    );
  },
);
