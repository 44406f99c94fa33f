/**
 * Two machines that serve one directory of a real network file system: what
 * holds on one machine holds on both together.
 */

import { assert, assertEquals } from "@std/assert";
import { hasTool } from "../faults/proxies.ts";
import { noise, RawUpload, Server } from "../faults/server.ts";
import { isSame } from "../faults/traffic.ts";
import { mayShare, shareBrick, shareReplicas } from "./gluster.ts";
import { load, type Outcome, readAgain, versionOf } from "./load.ts";
import { Machines } from "./machines.ts";

const ignore = !mayShare || !await hasTool("haproxy");

const rounds = 80;
const writers = 8;

/** What eight writers at once were answered, and which machines answered. */
async function compete(
  url: string,
  headers: HeadersInit,
): Promise<{ statuses: number[]; machines: (string | null)[] }> {
  const responses = await Promise.all(
    Array.from({ length: writers }, async (_, at) => {
      const body = `writer ${at} `.repeat(100);
      const response = await fetch(url, { method: "PUT", headers, body });
      await response.body?.cancel();
      return response;
    }),
  );
  return {
    statuses: responses.map(({ status }) => status).sort(),
    machines: responses.map(({ headers }) => headers.get("x-machine")),
  };
}

/** What they must be answered: one of them wins. */
function oneWins(status: number): number[] {
  return [status, ...Array.from({ length: writers - 1 }, () => 412)];
}

Deno.test("of eight writers over two machines who create one file, one does", {
  ignore,
}, async () => {
  await using shared = await shareBrick();
  await using machines = await Machines.start(shared.mounts);
  const asked = new Set<string | null>();
  for (let round = 0; round < rounds; round++) {
    const url = machines.url(`/files/new/${round}.txt`);
    const outcome = await compete(url, { "if-none-match": "*" });
    assertEquals(outcome.statuses, oneWins(201), `round ${round}`);
    for (const machine of outcome.machines) asked.add(machine);
  }
  assertEquals([...asked].sort(), ["s0", "s1"]);
});

Deno.test(
  "of eight writers over two machines who saw one version, one writes",
  {
    ignore,
  },
  async () => {
    await using shared = await shareBrick();
    await using machines = await Machines.start(shared.mounts);
    const url = machines.url("/files/a.txt");
    await (await fetch(url, { method: "PUT", body: "old" })).body?.cancel();
    for (let round = 0; round < rounds; round++) {
      const seen = await fetch(url);
      await seen.body?.cancel();
      const etag = seen.headers.get("etag")!;
      const outcome = await compete(url, { "if-match": etag });
      assertEquals(outcome.statuses, oneWins(204), `round ${round}`);
    }
  },
);

const size = 2 ** 20;
const content = noise(size, 20);

/** Begins an upload that one machine knows. @returns its path. */
async function begin(server: Server, name: string): Promise<string> {
  const begun = await fetch(server.url(`/files/${name}`), {
    method: "PUT",
    headers: { "upload-complete": "?0", "upload-length": `${size}` },
  });
  await begun.body?.cancel();
  assertEquals(begun.status, 201);
  return begun.headers.get("location")!;
}

async function offsetAt(server: Server, path: string): Promise<number> {
  const { status, headers } = await fetch(server.url(path), { method: "HEAD" });
  assertEquals(status, 204);
  return Number(headers.get("upload-offset"));
}

/** Sends octets up to an end. @returns the status. */
async function sendUpTo(
  server: Server,
  path: string,
  from: number,
  end: number,
): Promise<number> {
  const response = await fetch(server.url(path), {
    method: "PATCH",
    headers: {
      "content-type": "application/partial-upload",
      "upload-offset": `${from}`,
      "upload-complete": end === size ? "?1" : "?0",
    },
    body: content.subarray(from, end),
  });
  await response.body?.cancel();
  return response.status;
}

Deno.test("uploads go on from one machine to the other", {
  ignore,
}, async () => {
  await using shared = await shareBrick();
  await using machines = await Machines.start(shared.mounts);
  const [one, other] = machines.servers;
  for (let round = 0; round < 10; round++) {
    const path = await begin(one, `${round}.bin`);
    for (const [at, server] of [other, one, other, one].entries()) {
      const from = await offsetAt(server, path);
      assertEquals(from, at * size / 4);
      const status = await sendUpTo(server, path, from, from + size / 4);
      assertEquals(status, at === 3 ? 201 : 204);
    }
    for (const mount of shared.mounts) {
      const stored = await Deno.readFile(`${mount}/${round}.bin`);
      assert(isSame(stored, content), `${round} on ${mount}`);
    }
  }
});

/** Sends a part of the rest, and waits until some of it is stored. */
async function sendUntilStored(
  server: Server,
  path: string,
  folder: string,
): Promise<RawUpload> {
  const from = await offsetAt(server, path);
  const upload = await RawUpload.begin(
    server.port,
    `PATCH ${path} HTTP/1.1`,
    "Content-Type: application/partial-upload",
    "Upload-Complete: ?1",
    `Upload-Offset: ${from}`,
    `Content-Length: ${size - from}`,
  );
  await upload.send(content.subarray(from, from + size / 3));
  const data = `${folder}/.sluice-uploads/${path.split("/").at(-1)}.part`;
  while ((await Deno.stat(data)).size <= from) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return upload;
}

Deno.test("an upload survives kill -9 of either machine", {
  ignore,
}, async () => {
  await using shared = await shareBrick();
  await using machines = await Machines.start(shared.mounts);
  for (let round = 0; round < 6; round++) {
    const killed = round % 2;
    const path = await begin(machines.servers[killed], `${round}.bin`);
    const upload = await sendUntilStored(
      machines.servers[killed],
      path,
      shared.mounts[killed],
    );
    await machines.servers[killed].kill("SIGKILL");
    upload.close();
    const other = machines.servers[1 - killed];
    const from = await offsetAt(other, path);
    assert(from > 0 && from < size, `${from}`);
    // The lock of the dead is given back a moment later, at most.
    let status: number;
    while ((status = await sendUpTo(other, path, from, size)) === 409);
    assertEquals(status, 201);
    const stored = await Deno.readFile(`${shared.mounts[killed]}/${round}.bin`);
    assert(isSame(stored, content));
    await machines.restart(killed);
  }
});

/** All writes and reads went well; a 503 says that it is to be tried again. */
function assertWell({ statuses, mixed, machines }: Outcome): void {
  const { "GET 200": got, "PUT 204": put, ...others } = statuses;
  const { "GET 503": _notGot, "PUT 503": _notPut, ...wrong } = others;
  assertEquals(wrong, {});
  assert(got > 0 && put > 0);
  assertEquals(mixed, 0);
  assertEquals(Object.keys(machines).sort(), ["s0", "s1"]);
}

Deno.test("2,000 writes and reads over two machines: none is lost or mixed", {
  ignore,
}, async () => {
  await using shared = await shareBrick();
  await using machines = await Machines.start(shared.mounts);
  const url = machines.url("/files/");
  const outcome = await load(url, { requests: 2000, files: 4, clients: 8 });
  console.log(outcome);
  assertWell(outcome);
});

Deno.test("a file that is replaced all the time is read all the time", {
  ignore,
}, async () => {
  await using shared = await shareBrick();
  await using server = await Server.start(shared.mounts[1]);
  const path = `${shared.mounts[0]}/a.bin`;
  await Deno.writeFile(path, versionOf(1));
  let isOn = true;
  const replacing = (async () => {
    for (let seed = 2; isOn; seed++) {
      await Deno.writeFile(`${path}.new`, versionOf(seed));
      await Deno.rename(`${path}.new`, path);
    }
  })();
  const answers = await readAgain(server.url("/files/a.bin"), 1500);
  isOn = false;
  await replacing;
  console.log(answers);
  const { "200": got, "503": _notGot, ...wrong } = answers;
  assertEquals(wrong, {});
  assert(got > 1400);
});

Deno.test("of three replicas one brick is killed: no client notices", {
  ignore,
}, async () => {
  await using shared = await shareReplicas();
  await using machines = await Machines.start(shared.mounts);
  const outcome = await load(machines.url("/files/"), {
    requests: 600,
    files: 4,
    clients: 8,
    before: (at) => at === 200 && shared.killBrick(),
  });
  console.log(outcome);
  assertWell(outcome);
});

Deno.test("of three replicas one brick is dead: one of eight writers wins", {
  ignore,
}, async () => {
  await using shared = await shareReplicas();
  await using machines = await Machines.start(shared.mounts);
  for (let round = 0; round < 20; round++) {
    if (round === 5) shared.killBrick();
    const url = machines.url(`/files/${round}.txt`);
    const outcome = await compete(url, { "if-none-match": "*" });
    assertEquals(outcome.statuses, oneWins(201), `round ${round}`);
  }
});

Deno.test("on a storage without locks the command says so, and only reads", {
  ignore,
}, async () => {
  await using shared = await shareBrick([]);
  await Deno.writeTextFile(`${shared.mounts[0]}/a.txt`, "there");
  await using server = await Server.start(shared.mounts[0]);
  await server.says(
    /read only: choose a file system that has locks \(flock\) to receive files/,
  );
  const read = await fetch(server.url("/files/a.txt"));
  assertEquals(await read.text(), "there");
  const put = await fetch(server.url("/files/a.txt"), {
    method: "PUT",
    body: "new",
  });
  await put.body?.cancel();
  assertEquals(put.status, 405);
});
