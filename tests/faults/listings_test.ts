/**
 * Lists of a directory with 100 000 files: others are served meanwhile, and what
 * is done for clients that have left, or read slowly, takes little memory.
 */

import { assert, assertEquals } from "@std/assert";
import { mayRun, RawUpload, Server } from "./server.ts";

const COUNT = 100_000;

Deno.test("long lists hold nobody up, and take little memory", {
  ignore: !mayRun || Deno.build.os !== "linux",
}, async (t) => {
  const root = await makeFiles();
  try {
    await t.step("sorted lists whose clients leave", async () => {
      await using server = await Server.start(root);
      const honest = new HonestClient(server);
      const head = "GET /files/?sort=size&limit=1 HTTP/1.1";
      const clients = await Promise.all(
        Array.from({ length: 20 }, () => RawUpload.begin(server.port, head)),
      );
      await pause(3000);
      clients.forEach((client) => client.close());
      await Promise.all(clients.map(({ answer }) => answer));
      // It is answered when the work for those before it is done, or given up.
      const last = await RawUpload.begin(
        server.port,
        head,
        "Connection: close",
      );
      assert((await last.answer).startsWith("HTTP/1.1 200 "));
      last.close();
      await judge("20 sorted lists", server, honest);
    });

    await t.step("text to slow readers, with a heap of 128 MB", async () => {
      Deno.env.set("DENO_V8_FLAGS", "--max-old-space-size=128");
      await using server = await Server.start(root)
        .finally(() => Deno.env.delete("DENO_V8_FLAGS"));
      const honest = new HonestClient(server);
      const readers = await Promise.all(
        Array.from({ length: 100 }, () => SlowReader.begin(server)),
      );
      // Each gets its first piece; the rest waits until it is taken.
      await Promise.all(readers.map((reader) => reader.read(1)));
      const whole = readers.slice(0, 3);
      await Promise.all(whole.map((reader) => reader.read(Infinity)));
      readers.forEach((reader) => reader.close());
      assertEquals(whole.map(({ lines }) => lines), [COUNT, COUNT, COUNT]);
      await judge("100 slow readers", server, honest);
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

/** A directory with files of 50 sizes: links, which are made sooner. */
async function makeFiles(): Promise<string> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  const place = (at: number) => `${root}/file-${(at * 7919) % COUNT}.txt`;
  for (let at = 0; at < COUNT; at++) {
    if (at < 50) Deno.writeFileSync(place(at), new Uint8Array(at));
    else Deno.linkSync(place(at % 50), place(at));
  }
  return root;
}

/** An honest client, and how long (ms) it has waited for its slowest answer. */
class HonestClient {
  #slowest = 0;
  #isOn = true;
  #asking: Promise<void>;

  constructor(server: Server) {
    this.#asking = this.#ask(server.url("/echo/a"));
    // It is awaited later.
    this.#asking.catch(() => {});
  }

  async #ask(url: string): Promise<void> {
    while (this.#isOn) {
      const start = performance.now();
      const response = await fetch(url);
      assertEquals(await response.text(), "a");
      this.#slowest = Math.max(this.#slowest, performance.now() - start);
      await pause(20);
    }
  }

  async slowest(): Promise<number> {
    this.#isOn = false;
    await this.#asking;
    return this.#slowest;
  }
}

function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}

/** Seconds of CPU that the process has taken. */
async function cpuOf({ pid }: Server): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Says how the server did, and refuses what must not be. */
async function judge(
  what: string,
  server: Server,
  honest: HonestClient,
): Promise<void> {
  const slowest = await honest.slowest();
  const status = await Deno.readTextFile(`/proc/${server.pid}/status`);
  const peak = Number(/VmHWM:\s*(\d+) kB/.exec(status)![1]) / 1024;
  const cpu = await cpuOf(server);
  console.log(
    `${what}: slowest echo ${slowest.toFixed(0)} ms, ` +
      `peak ${peak.toFixed(0)} MiB, CPU ${cpu.toFixed(1)} s`,
  );
  assert(peak < 400, `Peak of memory: ${peak} MiB`);
  // The machine may be busy; it was 43 s before such work took turns.
  assert(slowest < 5000, `The slowest echo: ${slowest} ms`);
}

/** Takes a list as text, as far as it is told to. */
class SlowReader {
  #conn: Deno.Conn;
  #buffer = new Uint8Array(64 * 1024);
  #head = "";
  /** How many lines of the list have come. */
  lines = 0;

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  static async begin({ port }: Server): Promise<SlowReader> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const head = "GET /files/ HTTP/1.0\r\nAccept: text/plain\r\n\r\n";
    await conn.write(new TextEncoder().encode(head));
    return new SlowReader(conn);
  }

  /** Reads so many octets of the list, unless its end comes first. */
  async read(octets: number): Promise<void> {
    for (let left = octets; left > 0;) {
      const count = await this.#conn.read(this.#buffer);
      if (count === null) return;
      const text = new TextDecoder().decode(this.#buffer.subarray(0, count));
      const content = this.#withoutHead(text);
      this.lines += content.match(/\n/g)?.length ?? 0;
      left -= content.length;
    }
  }

  #withoutHead(text: string): string {
    if (this.#head.includes("\r\n\r\n")) return text;
    this.#head += text;
    const end = this.#head.indexOf("\r\n\r\n");
    return end < 0 ? "" : this.#head.slice(end + 4);
  }

  close(): void {
    this.#conn.close();
  }
}
