/**
 * A disk without room for an upload that can be resumed: what it brought is given
 * back, so that others are served, and what stays is told.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { mayRun, noise, RawUpload, Server } from "./server.ts";

const MiB = 2 ** 20;

async function run(name: string, ...args: string[]): Promise<boolean> {
  return (await new Deno.Command(name, { args }).output()).success;
}

/** A disk of 8 MiB. */
async function makeDisk() {
  const path = await Deno.realPath(await Deno.makeTempDir());
  const options = ["-t", "tmpfs", "-o", "size=8m", "tmpfs", path];
  assert(await run("mount", ...options), "Cannot mount a tmpfs");
  return {
    path,
    async [Symbol.asyncDispose]() {
      await run("umount", "-l", path);
      await Deno.remove(path);
    },
  };
}

/** Octets of all that lies in a directory. */
async function used(path: string): Promise<number> {
  let octets = 0;
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    const below = `${path}/${name}`;
    octets += isDirectory ? await used(below) : (await Deno.stat(below)).size;
  }
  return octets;
}

const content = noise(12 * MiB, 7);

Deno.test("after a 507 there is room for others at once", {
  ignore: !mayRun || Deno.uid() !== 0 || Deno.build.os !== "linux",
}, async () => {
  await using disk = await makeDisk();
  await using server = await Server.start(disk.path);
  const send = async (...fields: string[]) => {
    const upload = await RawUpload.begin(
      server.port,
      ...fields,
      "Connection: close",
    );
    await upload.send(content);
    const answer = await upload.answer;
    upload.close();
    return answer;
  };
  const put = async (size: number) => {
    const body = content.subarray(0, size);
    const response = await fetch(server.url("/files/other"), {
      method: "PUT",
      body,
    });
    await response.body?.cancel();
    return response.status;
  };

  const unknown = await send(
    "PUT /files/a HTTP/1.1",
    "Upload-Complete: ?1",
    `Content-Length: ${content.length}`,
  );
  assertMatch(unknown, /^HTTP\/1\.1 507 /);
  assertEquals(await used(disk.path), 0);
  assertEquals(await put(7 * MiB), 201);
  assertEquals(await put(1), 204);

  const begun = await fetch(server.url("/files/a"), {
    method: "PUT",
    headers: { "upload-complete": "?0" },
    body: content.subarray(0, MiB),
  });
  await begun.body?.cancel();
  const location = begun.headers.get("location")!;
  const more = await send(
    `PATCH ${location} HTTP/1.1`,
    "Content-Type: application/partial-upload",
    "Upload-Complete: ?0",
    `Upload-Offset: ${MiB}`,
    `Content-Length: ${content.length}`,
  );
  assertMatch(more, /^HTTP\/1\.1 507 /);
  assertMatch(more, new RegExp(`^upload-offset: ${MiB}\r$`, "m"));
  assertEquals(await put(5 * MiB), 204);

  const head = await fetch(server.url(location), { method: "HEAD" });
  assertEquals(head.headers.get("upload-offset"), `${MiB}`);
  const last = await fetch(server.url(location), {
    method: "PATCH",
    headers: {
      "content-type": "application/partial-upload",
      "upload-complete": "?1",
      "upload-offset": `${MiB}`,
    },
    body: content.subarray(MiB, 2 * MiB),
  });
  await last.body?.cancel();
  assertEquals(last.status, 201);
  const stored = await Deno.readFile(`${disk.path}/a`);
  assertEquals(stored, content.slice(0, 2 * MiB));
  await server.kill("SIGTERM");
});
