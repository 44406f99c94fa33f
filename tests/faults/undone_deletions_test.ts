/**
 * The server is killed while deletions can be undone: the next one, or another
 * one on the same folder, puts everything back.
 */

import { assertEquals } from "@std/assert";
import { fault, type Tally } from "./fault.ts";
import { times } from "./form.ts";
import { chances, mayRun, namesIn, Server } from "./server.ts";

const chance = chances(20261130);

/** How many files and how many directories of files there are. */
const COUNT = 20;

async function makeTree(root: string): Promise<void> {
  for (let at = 0; at < COUNT; at++) {
    await Deno.writeTextFile(`${root}/file ${at}`, `${at}`);
    await Deno.mkdir(`${root}/folder ${at}`);
    await Deno.writeTextFile(`${root}/folder ${at}/inside`, `${at}`);
  }
}

const expected = Array.from({ length: COUNT }, (_, at) => [
  `file ${at}`,
  `folder ${at}`,
]).flat().sort();

/** Whether everything is there, whole. */
async function check(root: string, tally: Tally): Promise<void> {
  const names = await namesIn(root);
  tally.expect(`${names}` === `${expected}`, () => `${names}`);
  for (let at = 0; at < COUNT; at++) {
    for (const path of [`file ${at}`, `folder ${at}/inside`]) {
      const text = await Deno.readTextFile(`${root}/${path}`).catch(String);
      tally.expect(text === `${at}`, () => `${path}: ${text}`);
    }
  }
}

/** Deletes everything, for as long as there is somebody to ask. */
async function removeAll(server: Server): Promise<void> {
  await Promise.all(expected.map(async (name) => {
    const end = name.startsWith("folder") ? "/" : "";
    const path = `/files/${encodeURIComponent(name)}${end}?undo=60`;
    const response = await fetch(server.url(path), { method: "DELETE" })
      .catch(() => undefined);
    await response?.body?.cancel().catch(() => {});
  }));
}

fault({
  fault: "the server is killed while deletions can be undone",
  promise: "the next one puts all of it back before it answers",
  ignore: !mayRun,
}, async (tally) => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    await makeTree(root);
    for (let time = 0; time < times(4, 40); time++) {
      await using server = await Server.start(root, "--delete");
      await check(root, tally);
      const removing = removeAll(server);
      const most = time % 2 === 0 ? 60 : 400;
      await new Promise((resolve) => setTimeout(resolve, most * chance()));
      await server.kill();
      tally.inject();
      await removing;
    }
    await using last = await Server.start(root, "--delete");
    await check(root, tally);
    await last.kill("SIGTERM");
    assertEquals(await namesIn(`${root}/.sluice-state/deleted`), []);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

fault({
  fault: "one of two servers is killed while its deletions can be undone",
  promise: "whoever has the link undoes them at the other one; a third one " +
    "puts back the rest, and takes nothing from the living",
  ignore: !mayRun,
}, async (tally) => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    await makeTree(root);
    await using other = await Server.start(root, "--delete");
    const links: (string | null)[] = [];
    {
      await using one = await Server.start(root, "--delete");
      for (const [at, server] of [one, one, other].entries()) {
        const path = `/files/file%20${at}?undo=60`;
        const response = await fetch(server.url(path), { method: "DELETE" });
        await response.body?.cancel();
        links.push(response.headers.get("location"));
      }
      await one.kill();
      tally.inject();
    }
    const undone = await fetch(other.url(links[0]!), { method: "POST" });
    await undone.body?.cancel();
    tally.expect(undone.status === 201, () => `${undone.status}`);
    await using _third = await Server.start(root);
    const names = await namesIn(root);
    const rest = expected.filter((name) => name !== "file 2");
    tally.expect(`${names}` === `${rest}`, () => `${names}`);
    const last = await fetch(other.url(links[2]!), { method: "POST" });
    await last.body?.cancel();
    await check(root, tally);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
