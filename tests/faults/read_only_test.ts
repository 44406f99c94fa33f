/** The file system becomes read-only while the server runs, and writable again. */

import { assertEquals } from "@std/assert";
import { ask } from "./client.ts";
import { fault } from "./fault.ts";
import { times } from "./form.ts";
import { mayMount, Mount } from "./mounts.ts";
import { mayRun, noise, Server } from "./server.ts";
import { isSame } from "./traffic.ts";

const old = noise(300_000, 1);
const fresh = noise(300_000, 2);

/** Ways to write: what each gets while it can't be done, and afterwards. */
const writes = {
  "PUT /files/a.bin": { fields: [], content: fresh, then: 204 },
  "PUT /files/new.bin": { fields: [], content: fresh, then: 201 },
  "POST /files/posted.bin": { fields: [], content: fresh, then: 201 },
  "PUT /files/directory/": { fields: [], content: undefined, then: 201 },
  "PUT /files/resumed.bin": {
    fields: ["Upload-Complete: ?0"],
    content: undefined,
    then: 201,
  },
  "DELETE /files/b.bin": { fields: [], content: undefined, then: 204 },
};

const reads = {
  "GET /files/a.bin": { fields: [], then: 200 },
  "HEAD /files/a.bin": { fields: [], then: 200 },
  "GET /files/b.bin": { fields: ["Range: bytes=0-99"], then: 206 },
  "GET /files/": { fields: ["Accept: application/json"], then: 200 },
};

fault({
  fault: "the file system is remounted read-only",
  promise: "writes get 403 and change nothing, reads go on, and after a " +
    "remount all works",
  ignore: !mayRun || !mayMount,
}, async (tally) => {
  await using mount = await Mount.make(64);
  await using server = await Server.start(mount.path, "--delete");
  for (let round = 0; round < times(5, 50); round++) {
    await Deno.writeFile(`${mount.path}/a.bin`, old);
    await Deno.writeFile(`${mount.path}/b.bin`, old);
    await mount.remount("ro");
    for (const [line, write] of Object.entries(writes)) {
      tally.inject();
      const { status } = await ask(server.port, `${line} HTTP/1.1`, write);
      tally.expect(status === 403, () => `${line}: ${status}`);
    }
    for (const [line, { fields, then }] of Object.entries(reads)) {
      const { status } = await ask(server.port, `${line} HTTP/1.1`, { fields });
      tally.expect(status === then, () => `${line}: ${status}`);
    }
    const kept = await Deno.readFile(`${mount.path}/a.bin`);
    tally.expect(isSame(kept, old), () => "a.bin has changed");
    await mount.remount("rw");
    for (const [line, write] of Object.entries(writes)) {
      const { status } = await ask(server.port, `${line} HTTP/1.1`, write);
      tally.expect(status === write.then, () => `${line} after it: ${status}`);
    }
    await clear(mount.path);
  }
  assertEquals((await server.kill("SIGTERM")).code, 0);
});

async function clear(path: string): Promise<void> {
  for (const name of ["a.bin", "new.bin", "posted.bin", "directory"]) {
    await Deno.remove(`${path}/${name}`);
  }
}
