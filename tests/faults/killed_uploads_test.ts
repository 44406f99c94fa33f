/**
 * Uploads that end at a moment that nobody chose, 200 of them in the long form.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { fault, type Tally } from "./fault.ts";
import { times } from "./form.ts";
import { mayMount, Mount } from "./mounts.ts";
import {
  chances,
  mayRun,
  namesIn,
  noise,
  RawUpload,
  Server,
} from "./server.ts";

const size = 8 * 2 ** 20;
const chance = chances(20261123);

async function sha(octets: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", octets);
  return new Uint8Array(hash).toHex();
}

/** Whether the file is one of two; then nothing else is in the directory. */
async function check(
  directory: string,
  allowed: Map<string, string>,
): Promise<string> {
  const content = await Deno.readFile(`${directory}/a.bin`);
  const name = allowed.get(await sha(content));
  assert(name, `torn: ${content.length} octets`);
  return name;
}

/** Sends as much of an upload as it comes to, then does something. */
async function interruptedUpload(
  server: Server,
  octets: Uint8Array,
  fault: (upload: RawUpload) => Promise<unknown> | void,
  // At times all of it, so that the fault comes while it is put in its place.
  share = Math.min(1, chance() * 1.3),
): Promise<void> {
  const upload = await RawUpload.begin(
    server.port,
    "PUT /files/a.bin HTTP/1.1",
    `Content-Length: ${octets.length}`,
    "Connection: close",
  );
  await upload.send(octets.subarray(0, Math.floor(share * octets.length)));
  await fault(upload);
  upload.close();
  await upload.answer;
}

/** Any moment within so many milliseconds: that is what is tried. */
function moment(most: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, chance() * most));
}

const old = noise(size, 1);
const fresh = noise(size, 2);
const outcomes = new Map([[await sha(old), "old"], [await sha(fresh), "new"]]);

async function makeDirectory(path?: string): Promise<string> {
  const directory = path ?? await Deno.realPath(await Deno.makeTempDir());
  await Deno.writeFile(`${directory}/a.bin`, old);
  return directory;
}

async function rounds(
  tally: Tally,
  count: number,
  round: () => Promise<string>,
): Promise<void> {
  const seen: Record<string, number> = {};
  for (let at = 0; at < count; at++) {
    tally.inject();
    const outcome = await round();
    seen[outcome] = (seen[outcome] ?? 0) + 1;
  }
  console.log(JSON.stringify(seen));
}

/** What is there is checked after each, and what else there is at the end. */
const promise = "the name shows the old file or the new one, whole; after a " +
  "start there is nothing else";

fault({
  fault: "the client of an upload goes",
  promise,
  ignore: !mayRun,
}, async (tally) => {
  const directory = await makeDirectory();
  await using server = await Server.start(directory);
  await rounds(tally, times(20, 80), async () => {
    await Deno.writeFile(`${directory}/a.bin`, old);
    await interruptedUpload(server, fresh, () => {});
    return await check(directory, outcomes);
  });
  await server.kill("SIGTERM");
  assertEquals(await namesIn(directory), ["a.bin"]);
  await Deno.remove(directory, { recursive: true });
});

fault({
  fault: "kill -9 in an upload",
  promise,
  ignore: !mayRun,
}, async (tally) => {
  const directory = await makeDirectory();
  await rounds(tally, times(15, 60), async () => {
    await Deno.writeFile(`${directory}/a.bin`, old);
    await using server = await Server.start(directory);
    await interruptedUpload(server, fresh, async () => {
      await moment(60);
      await server.kill();
    });
    return await check(directory, outcomes);
  });
  await using _last = await Server.start(directory);
  assertEquals(await namesIn(directory), ["a.bin"]);
  await Deno.remove(directory, { recursive: true });
});

fault({
  fault: "an upload stops, and takes longer than --content-timeout",
  promise,
  ignore: !mayRun,
}, async (tally) => {
  const directory = await makeDirectory();
  await using server = await Server.start(
    directory,
    "--content-timeout",
    "200ms",
  );
  await rounds(tally, times(10, 30), async () => {
    await Deno.writeFile(`${directory}/a.bin`, old);
    await interruptedUpload(server, fresh, ({ answer }) => answer);
    return await check(directory, outcomes);
  });
  await server.kill("SIGTERM");
  assertEquals(await namesIn(directory), ["a.bin"]);
  await Deno.remove(directory, { recursive: true });
});

fault({
  fault: "the disk is full",
  promise: "an upload gets 507, the old file stays, and nothing else is left",
  ignore: !mayRun || !mayMount,
}, async (tally) => {
  await using mount = await Mount.make(14);
  const directory = await makeDirectory(mount.path);
  await using server = await Server.start(directory);
  await rounds(tally, times(10, 30), async () => {
    await interruptedUpload(server, fresh, async ({ answer }) => {
      assertMatch(await answer, /^HTTP\/1\.1 507 /);
    }, 1);
    return await check(directory, outcomes);
  });
  await server.kill("SIGTERM");
  assertEquals(await namesIn(directory), ["a.bin"]);
});
