/**
 * A directory of GlusterFS that two machines mount, on one machine: each mount
 * is a client of its own, and knows of the other only through the storage.
 *
 * @module
 */
import { freePort } from "../bench/processes.ts";
import { hasTool } from "../faults/proxies.ts";

/** Whether this user may mount, and has what it takes. */
export const mayShare: boolean = Deno.build.os === "linux" &&
  Deno.uid() === 0 && await hasTool("glusterfsd") && await hasTool("gluster") &&
  await exists("/dev/fuse");

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** One directory, seen by two machines. */
export interface Shared extends AsyncDisposable {
  /** Its paths, one on each machine. */
  readonly mounts: readonly [string, string];
}

/** What the clients must be told, lest they answer from memory. */
const uncached = ["--attribute-timeout=0", "--entry-timeout=0"];

/** What a volume must be told for the same reason. */
const caches = [
  "open-behind",
  "stat-prefetch",
  "quick-read",
  "io-cache",
  "read-ahead",
  "readdir-ahead",
];

/**
 * One brick without a cluster, and two clients.
 *
 * @param layers What stands between the disk and the network. Default: locks.
 */
export async function shareBrick(layers = ["locks"]): Promise<Shared> {
  await using started = new AsyncDisposableStack();
  const own = await scratch(started);
  const port = freePort();
  let below = "disk";
  const layerText = layers.map((name) => {
    const text = volume(name, `features/${name}`, [], below);
    below = name;
    return text;
  });
  await Deno.mkdir(`${own}/brick`);
  await Deno.writeTextFile(
    `${own}/server.vol`,
    [
      volume("disk", "storage/posix", [`directory ${own}/brick`]),
      ...layerText,
      volume("server", "protocol/server", [
        "transport-type tcp",
        "transport.socket.bind-address 127.0.0.1",
        `transport.socket.listen-port ${port}`,
        `auth.addr.${below}.allow 127.0.0.1`,
      ], below),
    ].join(""),
  );
  await Deno.writeTextFile(
    `${own}/client.vol`,
    volume("client", "protocol/client", [
      "transport-type tcp",
      "remote-host 127.0.0.1",
      `remote-port ${port}`,
      `remote-subvolume ${below}`,
    ]),
  );
  start(
    started,
    "glusterfsd",
    "-f",
    `${own}/server.vol`,
    ...logs(own, "brick"),
  );
  await until(() => isListening("127.0.0.1", port));
  const mounts = await mountTwice(started, own, "-f", `${own}/client.vol`);
  return finished(started, mounts);
}

/** A real volume of three replicas, of which one can be killed. */
export interface Replicas extends Shared {
  killBrick(): void;
}

/** Three bricks under a daemon of their own, and two clients. */
export async function shareReplicas(): Promise<Replicas> {
  await using started = new AsyncDisposableStack();
  const own = await scratch(started);
  const host = "127.0.0.2";
  const name = "sluice";
  for (const folder of ["glusterd", "1", "2", "3"]) {
    await Deno.mkdir(`${own}/${folder}`);
  }
  await Deno.writeTextFile(
    `${own}/glusterd.vol`,
    volume("management", "mgmt/glusterd", [
      `working-directory ${own}/glusterd`,
      `run-directory ${own}`,
      "transport-type socket",
      `transport.socket.bind-address ${host}`,
      "transport.socket.listen-port 24007",
      "ping-timeout 0",
    ]),
  );
  start(started, "glusterd", "-f", `${own}/glusterd.vol`, ...logs(own, "d"));
  await until(async () => (await gluster("pool", "list")).success);
  const bricks = [1, 2, 3].map((each) => `${host}:${own}/${each}`);
  await must("volume", "create", name, "replica", "3", ...bricks, "force");
  for (const cache of caches) {
    await must("volume", "set", name, `performance.${cache}`, "off");
  }
  await must("volume", "start", name);
  started.defer(async () => {
    await must("volume", "stop", name, "force");
  });
  const at = [`--volfile-server=${host}`, `--volfile-id=${name}`];
  const mounts = await mountTwice(started, own, ...at);
  const pids = await brickPids(name);
  const killBrick = () => Deno.kill(pids[0], "SIGKILL");
  return { ...finished(started, mounts), killBrick };
}

function volume(
  name: string,
  type: string,
  options: string[],
  below?: string,
): string {
  return [
    `volume ${name}`,
    `  type ${type}`,
    ...options.map((option) => `  option ${option}`),
    ...below ? [`  subvolumes ${below}`] : [],
    "end-volume\n",
  ].join("\n");
}

function logs(own: string, name: string): string[] {
  return ["-N", "-l", `${own}/${name}.log`, "-p", `${own}/${name}.pid`];
}

async function scratch(started: AsyncDisposableStack): Promise<string> {
  const own = await Deno.realPath(await Deno.makeTempDir());
  started.defer(() => Deno.remove(own, { recursive: true }));
  return own;
}

/** Starts a program that ends with the stack. */
function start(
  started: AsyncDisposableStack,
  name: string,
  ...args: string[]
): void {
  const options = { args, stdout: "null", stderr: "null" } as const;
  const child = new Deno.Command(name, options).spawn();
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  started.defer(async () => {
    if (!hasEnded) child.kill("SIGTERM");
    await child.status;
  });
}

async function mountTwice(
  started: AsyncDisposableStack,
  own: string,
  ...volume: string[]
): Promise<[string, string]> {
  const mounts: [string, string] = [`${own}/a`, `${own}/b`];
  for (const [at, path] of mounts.entries()) {
    await Deno.mkdir(path);
    const args = [...volume, ...uncached, ...logs(own, `client-${at}`), path];
    start(started, "glusterfs", ...args);
    started.defer(async () => {
      await new Deno.Command("umount", { args: ["-l", path] }).output();
    });
    await until(() => isMounted(path));
  }
  return mounts;
}

function finished(
  started: AsyncDisposableStack,
  mounts: [string, string],
): Shared {
  const held = started.move();
  return { mounts, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

async function isMounted(path: string): Promise<boolean> {
  const args = ["-q", path];
  if (!(await new Deno.Command("mountpoint", { args }).output()).success) {
    return false;
  }
  // The bricks may not be connected yet.
  return await Deno.writeTextFile(`${path}/.ready`, "")
    .then(() => Deno.remove(`${path}/.ready`))
    .then(() => true, () => false);
}

async function isListening(hostname: string, port: number): Promise<boolean> {
  return await Deno.connect({ hostname, port })
    .then((conn) => conn.close())
    .then(() => true, () => false);
}

async function gluster(...args: string[]): Promise<Deno.CommandOutput> {
  const all = ["--mode=script", ...args];
  return await new Deno.Command("gluster", { args: all }).output();
}

async function must(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await gluster(...args);
  const [out, err] = [stdout, stderr].map((it) => new TextDecoder().decode(it));
  if (success) return out;
  throw new Error(`Cannot gluster ${args.join(" ")}: ${out}${err}`);
}

async function brickPids(name: string): Promise<number[]> {
  const status = await must("volume", "status", name, "detail");
  return [...status.matchAll(/^Pid\s*: (\d+)/gm)].map(([, pid]) => Number(pid));
}

/** Waits for what no event tells of. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let turns = 0; !await holds(); turns++) {
    if (turns === 1000) throw new Error("It did not come to that");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
