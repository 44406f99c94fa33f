/** An upload of 1 GiB that breaks off ten times, and goes on each time. */

import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { fault } from "./fault.ts";
import { chances, mayRun, noise, RawUpload, Server } from "./server.ts";

const block = 2 ** 20;
const blocks = 1024;
const size = block * blocks;

const pattern = noise(2 * block, 3);

/** The octets of a block, each of which differs from the others. */
function blockAt(index: number): Uint8Array<ArrayBuffer> {
  return pattern.subarray(index, index + block);
}

/** The octets from an offset on, block by block. */
function* from(offset: number): Generator<Uint8Array> {
  for (let index = Math.floor(offset / block); index < blocks; index++) {
    const start = Math.max(0, offset - index * block);
    yield blockAt(index).subarray(start);
  }
}

fault({
  fault: "an upload of 1 GiB breaks off, once for another instance",
  promise: "it goes on where it broke off, and arrives whole",
  ignore: !mayRun,
}, async (tally) => {
  const chance = chances(20261123);
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const first = await Server.start(directory);
  const second = await Server.start(directory);
  try {
    const begun = await fetch(first.url("/files/big.bin"), {
      method: "PUT",
      headers: { "upload-complete": "?0", "upload-length": `${size}` },
    });
    assertEquals(begun.status, 201);
    const location = begun.headers.get("location")!;
    await begun.body?.cancel();

    const offsets = [];
    for (let broken = 0; broken <= 10; broken++) {
      const server = broken === 5 ? second : first;
      const offset = await offsetAt(server, location);
      offsets.push(offset);
      const isLast = broken === 10;
      const most = isLast ? Infinity : chance() * 2 * (size / 10);
      const answer = await send(server, location, offset, most, isLast);
      if (!isLast) tally.inject();
      else assert(answer.startsWith("HTTP/1.1 201 "), answer);
    }
    console.log(
      `offsets in MiB: ${offsets.map((it) => Math.round(it / block))}`,
    );
    assertEquals(await hashOf(`${directory}/big.bin`), expectedHash());
  } finally {
    await first.kill();
    await second.kill();
    await Deno.remove(directory, { recursive: true });
  }
});

async function offsetAt(server: Server, location: string): Promise<number> {
  const head = await fetch(server.url(location), { method: "HEAD" });
  assertEquals(head.status, 204);
  return Number(head.headers.get("upload-offset"));
}

/** Sends up to `most` octets, and breaks off unless that is all. */
async function send(
  server: Server,
  location: string,
  offset: number,
  most: number,
  isLast: boolean,
): Promise<string> {
  const upload = await RawUpload.begin(
    server.port,
    `PATCH ${location} HTTP/1.1`,
    "Content-Type: application/partial-upload",
    "Upload-Complete: ?1",
    `Upload-Offset: ${offset}`,
    `Content-Length: ${size - offset}`,
    "Connection: close",
  );
  let left = Math.min(most, size - offset - (isLast ? 0 : 1));
  for (const octets of from(offset)) {
    await upload.send(octets.subarray(0, left));
    left -= octets.length;
    if (left <= 0) break;
  }
  if (!isLast) upload.close();
  const answer = await upload.answer;
  upload.close();
  return answer;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const octets of file.readable) hash.update(octets);
  return hash.digest("hex");
}

function expectedHash(): string {
  const hash = createHash("sha256");
  for (const octets of from(0)) hash.update(octets);
  return hash.digest("hex");
}
