/** What a client gets of a file that changes while it is sent. */

import { assert, assertEquals } from "@std/assert";
import { isSame } from "./traffic.ts";
import { type Answer, Client } from "./client.ts";
import { fault, type Tally } from "./fault.ts";
import { times } from "./form.ts";
import { chances, mayRun, noise, Server } from "./server.ts";

/** More than the buffers of a connection hold. */
const size = 20 * 2 ** 20;
const old = noise(size, 1);
const fresh = noise(size, 2);
const chance = chances(20261124);

/** Text, so that it is sent in gzip: few octets of it would fit into a buffer. */
const text = new Uint8Array(size).map((_, at) => old[at] % 64 + 32);

/** Ways to ask for it. */
const ways = {
  whole: { name: "a.bin", fields: [] },
  range: { name: "a.bin", fields: [`Range: bytes=1000-${size - 1}`] },
  ranges: { name: "a.bin", fields: [`Range: bytes=0-99,1000-${size - 1}`] },
  gzip: { name: "a.txt", fields: ["Accept-Encoding: gzip"] },
} as const;

type Way = keyof typeof ways;

/** Asks, changes the file once octets have come, and reads the rest. */
async function changedMeanwhile(
  port: number,
  way: Way,
  change: (path: string) => void,
): Promise<Answer> {
  const { name, fields } = ways[way];
  using client = await Client.begin(
    port,
    `GET /files/${name} HTTP/1.1`,
    "Connection: close",
    ...fields,
  );
  assert(await client.read(1 + Math.floor(chance() * 2 ** 20)));
  change(name);
  return await client.rest();
}

/** Runs a change for each way to ask, so many times. */
async function rounds(
  tally: Tally,
  names: readonly Way[],
  change: (path: string) => void,
  judge: (answer: Answer, way: Way) => string | undefined,
): Promise<void> {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  await using server = await Server.start(directory);
  for (let round = 0; round < times(1, 12); round++) {
    for (const way of names) {
      await Deno.writeFile(`${directory}/a.bin`, old);
      await Deno.writeFile(`${directory}/a.txt`, text);
      tally.inject();
      const answer = await changedMeanwhile(
        server.port,
        way,
        (name) => change(`${directory}/${name}`),
      );
      assertEquals(answer.status, way.startsWith("range") ? 206 : 200);
      const seen = judge(answer, way);
      tally.expect(seen === undefined, () => `${way}: ${seen}`);
    }
  }
  await server.kill("SIGTERM");
  await Deno.remove(directory, { recursive: true });
}

fault({
  fault: "a file is truncated while it is sent",
  promise: "the connection ends before the announced length or the last chunk",
  ignore: !mayRun,
}, async (tally) => {
  await rounds(
    tally,
    ["whole", "range", "ranges", "gzip"],
    (path) => Deno.truncateSync(path, Math.floor(chance() * 2 ** 20)),
    ({ isWhole, content }, way) => {
      if (isWhole) return `whole, with ${content.length} octets`;
      // What came is what was there, but for octets that code or frame it.
      if (way === "gzip" || way === "ranges") return undefined;
      const first = way === "range" ? 1000 : 0;
      const expected = old.subarray(first, first + content.length);
      return isSame(content, expected) ? undefined : "other octets";
    },
  );
});

fault({
  fault: "a file is replaced while it is sent",
  promise: "the client gets the old one, whole",
  ignore: !mayRun,
}, async (tally) => {
  await rounds(
    tally,
    ["whole", "range"],
    (path) => {
      Deno.writeFileSync(`${path}.new`, fresh);
      Deno.renameSync(`${path}.new`, path);
    },
    ({ isWhole, content }, way) =>
      isWhole && isSame(content, old.subarray(way === "range" ? 1000 : 0))
        ? undefined
        : `${content.length} octets, whole: ${isWhole}`,
  );
});

fault({
  fault: "a file grows while it is sent",
  promise: "the client gets the announced length, as it was",
  ignore: !mayRun,
}, async (tally) => {
  await rounds(
    tally,
    ["whole", "range"],
    (path) =>
      Deno.writeFileSync(path, fresh.subarray(0, 2 ** 20), { append: true }),
    ({ isWhole, content }, way) =>
      isWhole && isSame(content, old.subarray(way === "range" ? 1000 : 0))
        ? undefined
        : `${content.length} octets, whole: ${isWhole}`,
  );
});

fault({
  fault: "a file is removed while it is sent",
  promise: "the client gets it, whole",
  ignore: !mayRun,
}, async (tally) => {
  await rounds(
    tally,
    ["whole"],
    (path) => Deno.removeSync(path),
    ({ isWhole, content }) =>
      isWhole && isSame(content, old)
        ? undefined
        : `${content.length} octets, whole: ${isWhole}`,
  );
});
