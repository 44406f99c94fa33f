/** Uploads that trickle hold all connections: a new client is served all the same. */

import { assertEquals, assertMatch } from "@std/assert";
import { fault } from "./fault.ts";
import { mayRun, RawUpload, Server } from "./server.ts";

/**
 * How long (ms) the fifth client waits at most. It is answered after about 11 s,
 * and without a fix, not for as long as the uploads go on.
 */
const PATIENCE = 30_000;

/** An upload that a handler is at work for, and sends 140 octets each second. */
class Trickle {
  readonly answer: Promise<string>;
  #conn: Deno.Conn;
  #timer: ReturnType<typeof setInterval>;

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.answer = this.#read();
    const octets = new Uint8Array(140);
    this.#timer = setInterval(() => conn.write(octets).catch(() => {}), 1000);
  }

  static async begin(port: number, name: string): Promise<Trickle> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(new TextEncoder().encode(
      `PUT /files/${name} HTTP/1.1\r\nHost: localhost\r\n` +
        "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n",
    ));
    const invited = new Uint8Array(100);
    const count = await conn.read(invited) ?? 0;
    assertMatch(
      new TextDecoder().decode(invited.subarray(0, count)),
      /^HTTP\/1\.1 100 /,
    );
    return new Trickle(conn);
  }

  /** All that is answered, to the end of the connection. */
  async #read(): Promise<string> {
    const buffer = new Uint8Array(4096);
    let answer = "";
    try {
      for (let count; (count = await this.#conn.read(buffer)) !== null;) {
        answer += new TextDecoder().decode(buffer.subarray(0, count));
      }
    } catch {
      // Reset by the server, or closed here.
    }
    return answer;
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    this.#conn.close();
    await this.answer;
  }
}

fault({
  fault: "four uploads at 140 octets/s hold all four connections",
  promise: "the slowest gets 408, and a fifth client its answer",
  ignore: !mayRun,
}, async (tally) => {
  tally.inject(4);
  const directory = await Deno.makeTempDir();
  {
    await using server = await Server.start(
      directory,
      ...["--max-connections", "4"],
    );
    const uploads: Trickle[] = [];
    for (const name of ["a", "b", "c", "d"]) {
      uploads.push(await Trickle.begin(server.port, name));
    }
    const fifth = await RawUpload.begin(
      server.port,
      "GET /echo/abc HTTP/1.1",
      "Connection: close",
    );
    const timer = setTimeout(() => fifth.close(), PATIENCE);
    try {
      assertMatch(await fifth.answer, /^HTTP\/1\.1 200 OK/);
      const first = await Promise.race(uploads.map(({ answer }) => answer));
      assertMatch(first, /^HTTP\/1\.1 408 /);
      assertMatch(first, /too slowly while others waited/);
    } finally {
      clearTimeout(timer);
      fifth.close();
      for (const upload of uploads) await upload.end();
    }
  }
  const left = [...Deno.readDirSync(directory)].map(({ name }) => name);
  assertEquals(left.filter((name) => !name.startsWith(".")), []);
  await Deno.remove(directory, { recursive: true });
});
