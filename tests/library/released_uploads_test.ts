/**
 * Released clients that resume uploads: what they send breaks off three times,
 * once by a restart of the server, and once for another instance.
 *
 * A few MB go up; `deno task test:library released_uploads_test.ts -- 200`
 * sends so many.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { createHash } from "node:crypto";
import { namesIn, noise, Server } from "../faults/server.ts";
import { BreakingRelay } from "./breaking_relay.ts";

const megabytes = Number(Deno.args[0] ?? 3.3);

/** Where a client runs, and what it sends. */
interface Sending {
  /** The URL of a folder. */
  folder: string;
  file: string;
  name: string;
}

/** Sends a file, whatever the network does. */
type Client = (sending: Sending) => Promise<void>;

const clients: Record<string, Client> = {
  "tus-js-client, tus-v1": byTusJs({ protocol: "tus-v1" }),
  "tus-js-client, tus-v1, in chunks, the first by POST": byTusJs({
    protocol: "tus-v1",
    chunkSize: 600_000,
    uploadDataDuringCreation: true,
  }),
  "tus-js-client, tus-v1, PATCH by POST": byTusJs({
    protocol: "tus-v1",
    overridePatchMethod: true,
  }),
  "tus-js-client, ietf-draft-03": byTusJs({ protocol: "ietf-draft-03" }),
  "tus-js-client, ietf-draft-05": byTusJs({ protocol: "ietf-draft-05" }),
  // Debian's Python, which has the package.
  tuspy: async ({ folder, file, name }) => {
    await run("/usr/bin/python3", ["-c", tuspy, folder, file, name]);
  },
  curl: async ({ folder, file, name }) => {
    const script = await curlScript();
    await run("bash", ["-c", script, "curl", folder, file, name]);
  },
};

/** Whether Debian's python3-tuspy is there. */
const { success: hasTuspy } = await new Deno.Command("/usr/bin/python3", {
  args: ["-c", "import tusclient"],
  stderr: "null",
}).output().catch(() => ({ success: false }));

const tuspy = `
import sys
from tusclient.client import TusClient
folder, file, name = sys.argv[1:]
TusClient(folder).uploader(
    file, metadata={"filename": name}, chunk_size=1 << 30,
    retries=20, retry_delay=0.2,
).upload()
`;

/** What docs/clients.md says, until it is done. */
async function curlScript(): Promise<string> {
  const docs = new URL("../../docs/clients.md", import.meta.url);
  const text = await Deno.readTextFile(docs);
  const line = (start: string) =>
    text.split("\n").find((line) => line.startsWith(start))!
      .replaceAll("song.bin", '"$FILE"')
      .replaceAll('$U/"$FILE"', '"$U$NAME"');
  return [
    'U=$1 FILE=$2 NAME=$3 S=${1%%/files/*} T="Content-Type: application/partial-upload"',
    line("at=$(curl"),
    line("curl -sS -X PATCH -H").replace("-sS", "-fsS") + " && exit",
    "while",
    line("n=$(curl"),
    "! " + line("tail -c").replace("curl -sS", "curl -fsS"),
    "do sleep 0.1; done",
  ].join("\n");
}

/** The version of tus-js-client, which runs in Node. */
const TUS_JS = "4.3.1";

/** A folder with tus-js-client. */
const nodeFolder = await Deno.makeTempDir();
Deno.test.beforeAll(async () => {
  const args = [
    "install",
    "--no-audit",
    "--no-fund",
    `tus-js-client@${TUS_JS}`,
  ];
  await run("npm", args, nodeFolder);
});
Deno.test.afterAll(() => Deno.remove(nodeFolder, { recursive: true }));

const tusJs = `
import { createReadStream } from "node:fs";
import { PassThrough } from "node:stream";
import { Upload } from "tus-js-client";
const { folder, file, name, stopsAfter, isTerminated, ...options } =
  JSON.parse(process.argv[1]);
await new Promise((resolve, reject) => {
  const stream = createReadStream(file);
  // Of a file it would know the length.
  const sent = options.uploadLengthDeferred ? stream.pipe(new PassThrough()) : stream;
  const upload = new Upload(sent, {
    endpoint: folder,
    metadata: { filename: name },
    retryDelays: Array(20).fill(200),
    ...options,
    onSuccess: resolve,
    onError: reject,
    onChunkComplete(_size, sent) {
      if (!stopsAfter || sent < stopsAfter) return;
      upload.abort(isTerminated).then(() => {
        console.log(upload.url);
        resolve();
      }, reject);
    },
  });
  upload.start();
});
process.exit();
`;

function byTusJs(options: Record<string, unknown>): Client {
  return async (sending) => {
    await startTusJs({ ...sending, ...options });
  };
}

/** Returns the URL of an upload that is stopped. */
async function startTusJs(options: Record<string, unknown>): Promise<string> {
  const program = ["--input-type=module", "-e", tusJs];
  const args = [...program, JSON.stringify(options)];
  return (await run("node", args, nodeFolder)).trim();
}

async function run(
  command: string,
  args: string[],
  cwd?: string,
): Promise<string> {
  const { stdout, stderr, success } = await new Deno.Command(command, {
    args,
    cwd,
  }).output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stderr));
  return decoder.decode(stdout);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const octets of file.readable) hash.update(octets);
  return hash.digest("hex");
}

/** Two instances on one folder, and a file to send. */
async function openScene() {
  const scratch = await Deno.realPath(await Deno.makeTempDir());
  const root = `${scratch}/served`;
  const file = `${scratch}/sent.bin`;
  await Deno.mkdir(root);
  const block = noise(100_000, 22);
  for (let sent = 0; sent < megabytes * 1e6; sent += block.length) {
    block[sent / block.length % block.length] ^= 1;
    await Deno.writeFile(file, block, { append: true });
  }
  let first = await Server.start(root);
  const second = await Server.start(root);
  return {
    root,
    file,
    /** What is kept of uploads. */
    uploads: `${root}/.sluice-uploads`,
    portOfFirst: () => first.port,
    portOfSecond: () => second.port,
    async restart() {
      await first.kill();
      first = await Server.start(root);
    },
    async [Symbol.asyncDispose]() {
      await first.kill();
      await second.kill();
      await Deno.remove(scratch, { recursive: true });
    },
  };
}

Deno.test("uploads of released clients go on", async (t) => {
  await using scene = await openScene();
  const sent = await hashOf(scene.file);
  for (const [what, send] of Object.entries(clients)) {
    const ignore = what === "tuspy" && !hasTuspy;
    await t.step({ name: what, ignore, fn: () => sendOver(send, what) });
  }

  async function sendOver(send: Client, what: string): Promise<void> {
    let portOf = scene.portOfFirst;
    const quarter = megabytes * 1e6 / 4;
    await using relay = new BreakingRelay(() => portOf(), [
      { after: quarter },
      { after: 2 * quarter, then: scene.restart },
      {
        after: 3 * quarter,
        then() {
          portOf = scene.portOfSecond;
        },
      },
    ]);
    const name = what.replace(/\W+/g, "-") + ".bin";
    const before = performance.now();
    await send({ folder: relay.url("/files/"), file: scene.file, name });
    const seconds = (performance.now() - before) / 1000;
    console.log(`${relay.count} breaks, ${seconds.toFixed(1)} s`);
    assertEquals(relay.count, 3);
    assertEquals(await hashOf(`${scene.root}/${name}`), sent);
    // Of what is complete a record stays, for clients that ask.
    const uploads = await namesIn(scene.uploads);
    assertEquals(uploads.filter((name) => !name.endsWith(".json")), []);
  }

  await t.step("and leave nothing after a day", async () => {
    const dayBefore = Date.now() / 1000 - 24 * 3600 - 1;
    for (const name of await namesIn(scene.uploads)) {
      await Deno.utime(`${scene.uploads}/${name}`, dayBefore, dayBefore);
    }
    await using server = await Server.start(scene.root);
    const headers = { "tus-resumable": "1.0.0", "upload-length": "1" };
    const begun = await fetch(server.url("/files/none"), {
      method: "POST",
      headers,
    });
    await begun.body?.cancel();
    const location = server.url(begun.headers.get("location")!);
    const ended = await fetch(location, { method: "DELETE", headers });
    assertEquals(ended.status, 204);
    assertEquals(await namesIn(scene.uploads), []);
  });
});

Deno.test("tus-js-client: stopped, given up, taken up, of a length that follows", async () => {
  await using scene = await openScene();
  const sent = await hashOf(scene.file);
  const folder = `http://127.0.0.1:${scene.portOfFirst()}/files/`;
  const { file } = scene;
  const sending = { folder, file, chunkSize: 700_000, stopsAfter: 1_000_000 };
  for (const protocol of ["tus-v1", "ietf-draft-03", "ietf-draft-05"]) {
    const all = { ...sending, protocol, name: protocol };
    await startTusJs({ ...all, isTerminated: true });
    const done = await namesIn(scene.uploads);
    assertEquals(done.filter((name) => !name.endsWith(".json")), []);
    const uploadUrl = await startTusJs(all);
    assertMatch(uploadUrl, /\/uploads\/[\da-f-]{36}$/);
    await startTusJs({ ...all, stopsAfter: 0, uploadUrl });
    assertEquals(await hashOf(`${scene.root}/${protocol}`), sent);
    const deferred = { ...all, stopsAfter: 0, uploadLengthDeferred: true };
    await startTusJs({ ...deferred, name: `${protocol}-deferred` });
    assertEquals(await hashOf(`${scene.root}/${protocol}-deferred`), sent);
  }
});
