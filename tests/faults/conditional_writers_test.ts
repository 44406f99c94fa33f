/** Fifty clients of two servers count in one file: each reads, adds, and writes. */

import { assert, assertEquals } from "@std/assert";
import { fault } from "./fault.ts";
import { mayRun, Server } from "./server.ts";

const writers = 50;

interface Attempts {
  won: number;
  lost: number;
}

/** Adds a line of its own, until that has not come too late. */
async function addLine(server: Server, line: string): Promise<Attempts> {
  const url = server.url("/files/lines.txt");
  for (let lost = 0;; lost++) {
    const read = await fetch(url);
    const before = await read.text();
    const written = await fetch(url, {
      method: "PUT",
      headers: { "if-match": read.headers.get("etag")! },
      body: `${before}${line}\n`,
    });
    await written.body?.cancel();
    if (written.status === 204) return { won: 1, lost };
    assertEquals(written.status, 412);
  }
}

fault({
  fault: "fifty clients of two processes change one file at once",
  promise: "If-Match and If-None-Match lose no update",
  ignore: !mayRun,
}, async (tally) => {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const servers = [
    await Server.start(directory),
    await Server.start(directory),
  ];
  try {
    // All want to be the first, and one is.
    const first = await Promise.all(
      Array.from({ length: writers }, async (_, at) => {
        const { status, body } = await fetch(
          servers[at % 2].url("/files/lines.txt"),
          { method: "PUT", headers: { "if-none-match": "*" }, body: "" },
        );
        await body?.cancel();
        return status;
      }),
    );
    assertEquals(first.filter((status) => status === 201).length, 1);
    assertEquals(first.filter((status) => status === 412).length, writers - 1);

    const names = Array.from({ length: writers }, (_, at) => `writer ${at}`);
    const attempts = await Promise.all(
      names.map((name, at) => addLine(servers[at % 2], name)),
    );
    const lost = attempts.reduce((sum, { lost }) => sum + lost, 0);
    console.log(`${writers} updates, ${lost} times too late`);
    tally.inject(lost);
    assert(lost > 0, "Nobody was in another's way: nothing was tried");
    const text = await Deno.readTextFile(`${directory}/lines.txt`);
    assertEquals(text.trimEnd().split("\n").sort(), names.sort());
  } finally {
    for (const server of servers) await server.kill();
    await Deno.remove(directory, { recursive: true });
  }
});
