/**
 * Each way out of the directory that we know of is tried on the command, and the
 * log of what it touched is read: nothing outside.
 */

import { assert, assertEquals } from "@std/assert";
import { fault } from "./fault.ts";
import { mayRun, RawUpload, Server } from "./server.ts";

/** Request targets, sent as they are. `L` is a link that leads outside. */
const paths = [
  "/files/../secret",
  "/files/..%2fsecret",
  "/files/%2e%2e/secret",
  "/files/%2e%2e%2fsecret",
  "/files/.%2e/secret",
  "/files/..%5csecret",
  "/files/..\\secret",
  "/files/sub/../../secret",
  "/files/sub%2f..%2f..%2fsecret",
  "/files//secret",
  "/files/%2fetc%2fpasswd",
  "/files//etc/passwd",
  "/files/file:///etc/passwd",
  "/files/~root",
  "/files/L",
  "/files/Ldir/secret",
  "/files/Ldir/new",
  "/files/Ldir/",
  "/files/Lroot/etc/passwd",
  "/files/Ldangling",
  "/files/Lloop",
  "/files/Lloop/a",
  "/files/sub/Lup/secret",
  "/files/a%00",
  "/files/a%00.txt",
  "/files/%c0%ae%c0%ae/secret",
  "/files/%ff",
  "/files/" + "a".repeat(300),
  "/files/" + "a/".repeat(2000),
  "/files/fifo",
  "/files/socket",
  "/files/device",
  "/files/.hidden",
  "/files/.sluice-uploads/x.json",
  "/uploads/..%2f..%2fsecret",
];

async function makeTree(path: string): Promise<string> {
  const root = `${path}/root`;
  await Deno.mkdir(`${root}/sub`, { recursive: true });
  await Deno.mkdir(`${path}/outside`);
  await Deno.writeTextFile(`${path}/secret`, "secret");
  await Deno.writeTextFile(`${path}/outside/secret`, "secret");
  await Deno.writeTextFile(`${root}/.hidden`, "hidden");
  await Deno.writeTextFile(`${root}/a`, "inside");
  await Deno.symlink("../secret", `${root}/L`);
  await Deno.symlink("../outside", `${root}/Ldir`);
  await Deno.symlink("/", `${root}/Lroot`);
  await Deno.symlink("../outside/nothing", `${root}/Ldangling`);
  await Deno.symlink("Lloop", `${root}/Lloop`);
  await Deno.symlink("../..", `${root}/sub/Lup`);
  for (
    const args of [
      ["fifo", "p"],
      ...Deno.uid() === 0
        ? [["device", "c", "1", "5"]] // /dev/zero
        : [],
    ]
  ) {
    const [name, ...kind] = args;
    const { success } = await new Deno.Command("mknod", {
      args: [`${root}/${name}`, ...kind],
    }).output();
    assert(success, `Cannot make ${name}`);
  }
  return root;
}

async function ask(
  port: number,
  method: string,
  target: string,
): Promise<string> {
  const content = method === "GET" || method === "HEAD" ? "" : "mine";
  const request = await RawUpload.begin(
    port,
    `${method} ${target} HTTP/1.1`,
    "Connection: close",
    ...(content ? [`Content-Length: ${content.length}`] : []),
  );
  await request.send(new TextEncoder().encode(content));
  const answer = await request.answer;
  request.close();
  return answer;
}

/** Everything outside, and what it holds. */
async function outside(path: string): Promise<string[]> {
  return [
    ...(await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name),
    ...(await Array.fromAsync(Deno.readDir(`${path}/outside`)))
      .map(({ name }) => name),
    await Deno.readTextFile(`${path}/secret`),
    await Deno.readTextFile(`${path}/outside/secret`),
  ].sort();
}

fault({
  fault: "paths and links that lead outside of the directory",
  promise: "nothing outside is read, written, or looked at",
  ignore: !mayRun || Deno.build.os === "windows",
}, async (tally) => {
  const path = await Deno.realPath(await Deno.makeTempDir());
  const root = await makeTree(path);
  const log = `${await Deno.realPath(await Deno.makeTempDir())}/audit`;
  Deno.env.set("DENO_AUDIT_PERMISSIONS", log);
  using _socket = Deno.listen({ transport: "unix", path: `${root}/socket` });
  try {
    await using server = await Server.start(root, "--delete");
    const before = await outside(path);
    for (const target of paths) {
      for (const method of ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"]) {
        tally.inject();
        const answer = await ask(server.port, method, target);
        // What is written lands inside, as is seen below, or is refused.
        const isRead = method === "GET" || method === "HEAD";
        const expected = isRead ? /^HTTP\/1\.1 4/ : /^HTTP\/1\.1 (?:2|4|501)/;
        assert(expected.test(answer), `${method} ${target}: ${answer}`);
        assert(!answer.includes("secret"), `${method} ${target}`);
        await makeLinks(root);
      }
    }
    await race(server, root);
    assertEquals(await outside(path), before);
    await server.kill("SIGTERM");
  } finally {
    Deno.env.delete("DENO_AUDIT_PERMISSIONS");
  }
  const touched = await touchedPaths(log);
  assert(touched.length > 0, "There is no audit log");
  const astray = touched.filter((it) =>
    it !== root && !it.startsWith(`${root}/`)
  );
  assertEquals(astray, []);
  await Deno.remove(path, { recursive: true });
});

/** Puts back what a request has replaced or removed. */
async function makeLinks(root: string): Promise<void> {
  for (
    const [name, goal] of [
      ["L", "../secret"],
      ["Ldir", "../outside"],
      ["Lroot", "/"],
      ["Ldangling", "../outside/nothing"],
      ["Lloop", "Lloop"],
    ]
  ) {
    await Deno.remove(`${root}/${name}`).catch(() => {});
    await Deno.symlink(goal, `${root}/${name}`);
  }
}

/** A directory and a link that leads outside change places all the while. */
async function race(server: Server, root: string): Promise<void> {
  await Deno.mkdir(`${root}/real`);
  await Deno.writeTextFile(`${root}/real/secret`, "inside");
  await Deno.symlink("../outside", `${root}/link`);
  await Deno.symlink("real", `${root}/way`);
  let isOn = true;
  const swapping = (async () => {
    for (let turn = 0; isOn; turn++) {
      const goal = turn % 2 === 0 ? "../outside" : "real";
      await Deno.symlink(goal, `${root}/new`);
      await Deno.rename(`${root}/new`, `${root}/way`);
    }
  })();
  const seen: Record<string, number> = {};
  for (let round = 0; round < 50; round++) {
    const answers = await Promise.all(
      Array.from(
        { length: 10 },
        (_, at) =>
          ask(
            server.port,
            at % 3 === 2 ? "PUT" : "GET",
            at % 3 === 2 ? "/files/way/mine" : "/files/way/secret",
          ),
      ),
    );
    for (const answer of answers) {
      assert(!/\r\n\r\nsecret$/.test(answer), "The secret came out");
      const status = answer.slice(9, 12);
      seen[status] = (seen[status] ?? 0) + 1;
    }
  }
  isOn = false;
  await swapping;
  console.log(`while links change: ${JSON.stringify(seen)}`);
}

/** What the audit log says was read or written. */
async function touchedPaths(log: string): Promise<string[]> {
  const text = await Deno.readTextFile(log);
  return text.split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line))
    .filter(({ permission }) => /^(?:read|write)$/.test(permission))
    .map(({ value }) => String(value));
}
