/** Descriptors run out: others are served all the same, and a person is told why. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { fault } from "./fault.ts";
import { mayRun } from "./server.ts";

const main = fromFileUrl(new URL("../../main.ts", import.meta.url));
const isPosix = Deno.build.os !== "windows";

/** Far more (ms) than an answer takes; without a fix none came at all. */
const PATIENCE = 10_000;

/** The command with 256 descriptors, and all that it has said. */
class LimitedServer implements AsyncDisposable {
  #child: Deno.ChildProcess;
  #said = "";
  #isOver = false;
  #more = Promise.withResolvers<void>();
  #reading: Promise<void>;

  constructor(directory: string, ...args: string[]) {
    const command = [
      ...[Deno.execPath(), "run", "--no-prompt", "--allow-net"],
      ...[`--allow-read=${directory}`, `--allow-write=${directory}`, main],
      ...["--directory", directory, "--port", "0", "--log", "off", ...args],
    ];
    this.#child = new Deno.Command("sh", {
      args: ["-c", 'ulimit -n 256; exec "$@"', "sh", ...command],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    this.#reading = this.#read();
  }

  async #read(): Promise<void> {
    const text = this.#child.stderr.pipeThrough(new TextDecoderStream());
    for await (const said of text) {
      this.#said += said;
      this.#more.resolve();
      this.#more = Promise.withResolvers();
    }
    this.#isOver = true;
    this.#more.resolve();
  }

  /** What was said of it, once it was. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    const timer = setTimeout(() => this.#kill(), 3 * PATIENCE);
    try {
      for (;;) {
        const found = pattern.exec(this.#said);
        if (found) return found;
        if (this.#isOver) throw new Error(`Said only: ${this.#said}`);
        await this.#more.promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  async listening(): Promise<number> {
    await this.until(/^Serving/m);
    return Number((await this.until(/http:\/\/127\.0\.0\.1:(\d+)/))[1]);
  }

  /** How often it was said. */
  count(pattern: RegExp): number {
    return this.#said.match(new RegExp(pattern, "g"))?.length ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill();
    await this.#child.status;
    await this.#reading;
  }
}

/** The status line of an answer on a connection, which is left open. */
async function ask(
  conn: Deno.Conn,
  line: string,
  content = "",
): Promise<string> {
  const length = `Content-Length: ${content.length}\r\n`;
  await conn.write(new TextEncoder().encode(
    `${line} HTTP/1.1\r\nHost: localhost\r\n${length}\r\n${content}`,
  ));
  const buffer = new Uint8Array(4096);
  const timer = setTimeout(() => conn.close(), PATIENCE);
  const count = await conn.read(buffer);
  clearTimeout(timer);
  const answer = new TextDecoder().decode(buffer.subarray(0, count ?? 0));
  return answer.split("\r\n", 1)[0];
}

/** The same, by a client of its own. */
async function askAnew(
  port: number,
  line: string,
  content?: string,
): Promise<string> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  return await ask(conn, line, content);
}

async function askAll(port: number, name: string): Promise<string[]> {
  return [
    await askAnew(port, "GET /echo/abc"),
    await askAnew(port, "GET /files/there.txt"),
    await askAnew(port, `PUT /files/${name}`, "content"),
  ];
}

/** Asks again after each 503, as its Retry-After says: some are being closed. */
async function comeAgain(asking: () => Promise<string>): Promise<void> {
  const until = performance.now() + PATIENCE;
  while (/ 503 /.test(await asking())) {
    if (performance.now() > until) throw new Error("It is 503 for too long");
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const fine = ["HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 201 Created"];

fault(
  {
    fault: "256 descriptors and 400 idle connections",
    promise: "others are served, files and all, and one message says why",
    ignore: !mayRun || !isPosix,
  },
  async (tally) => {
    tally.inject(400);
    const directory = await Deno.makeTempDir();
    await Deno.writeTextFile(`${directory}/there.txt`, "there");
    {
      await using server = new LimitedServer(directory);
      const port = await server.listening();
      const idle = await Promise.all(
        Array.from(
          { length: 400 },
          () => Deno.connect({ hostname: "127.0.0.1", port }),
        ),
      );
      const [told] = await server.until(/^Out of file descriptors.*\n/m);
      for (const what of ["ulimit -n", "LimitNOFILE=", "--max-connections"]) {
        assertStringIncludes(told, what);
      }
      for (let round = 0; round < 10; round++) {
        assertEquals(await askAll(port, `new${round}.txt`), fine);
      }
      // No more were closed than had to be: those who came last are served.
      for (const conn of idle.slice(-100)) {
        assertEquals(await ask(conn, "GET /echo/abc"), "HTTP/1.1 200 OK");
      }
      for (const conn of idle) conn.close();
      for (let round = 0; round < 10; round++) {
        assertEquals(await askAll(port, `later${round}.txt`), fine);
      }
      assertEquals(server.count(/Out of file descriptors/), 1);
    }
    await Deno.remove(directory, { recursive: true });
  },
);

fault(
  {
    fault: "256 descriptors and 200 uploads at once",
    promise: "what can't be opened is 503, and others are served",
    ignore: !mayRun || !isPosix,
  },
  async (tally) => {
    tally.inject(200);
    const directory = await Deno.makeTempDir();
    await Deno.writeTextFile(`${directory}/there.txt`, "there");
    {
      await using server = new LimitedServer(directory);
      const port = await server.listening();
      const uploads: Deno.Conn[] = [];
      for (let count = 0; count < 200; count++) {
        const conn = await Deno.connect({ hostname: "127.0.0.1", port });
        uploads.push(conn);
        await conn.write(new TextEncoder().encode(
          `PUT /files/part${count} HTTP/1.1\r\nHost: localhost\r\n` +
            "Content-Length: 1000\r\n\r\nxxx",
        ));
      }
      // Each holds a connection and a file: there are not enough for all.
      await server.until(/^Out of file descriptors.*\n/m);
      await comeAgain(() => askAnew(port, "PUT /files/first.txt", "content"));
      for (let round = 0; round < 10; round++) {
        assertEquals(await askAll(port, `new${round}.txt`), fine);
      }
      for (const conn of uploads) conn.close();
    }
    await Deno.remove(directory, { recursive: true });
  },
);
