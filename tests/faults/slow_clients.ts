/**
 * Slow clients, many of them: a process of its own, so that neither its memory
 * nor its work is taken for the server's.
 *
 *     deno run --allow-net slow_clients.ts KIND PORT COUNT
 *
 * It opens COUNT connections, says `ready`, goes on until the standard input
 * ends, but for five minutes at the most, and leaves without a word. Of each
 * KIND a connection makes a step every five seconds:
 *
 * - `readers` ask for `/files/large.bin` and take 4 KiB of it;
 * - `writers` send a file of 64 KiB, each to a name of its own, 1 KiB of it;
 * - `heads` send 700 octets of a field that has no end.
 *
 * A connection that the server closes is opened again.
 *
 * @module
 */
const [kind, port, count] = [Deno.args[0], ...Deno.args.slice(1).map(Number)];

const encoder = new TextEncoder();
const room = new Uint8Array(4096);
const piece = new Uint8Array(1024).fill(120);
const dribble = piece.subarray(0, 700);

/** Seconds between two steps of a connection. */
const pause = 5;
/** Turns a second, each for its share of the connections. */
const turns = 50;
/** Connections opened a second. */
const arrivals = 500;

interface Kind {
  head(at: number): string;
  step(conn: Deno.Conn): Promise<unknown>;
}

const kinds: Record<string, Kind> = {
  readers: {
    head: () => "GET /files/large.bin HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    async step(conn) {
      if (await conn.read(room) === null) throw new Error("No more to read");
    },
  },
  writers: {
    head: (at) =>
      `POST /files/slow-${at}.bin HTTP/1.1\r\nHost: 127.0.0.1\r\n` +
      "Content-Length: 65536\r\n\r\n",
    step: (conn) => conn.write(piece),
  },
  heads: {
    head: () => "GET /echo/abc HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    step: (conn) => conn.write(dribble),
  },
};

const { head, step } = kinds[kind];

/** A place in the crowd: its connection, and whether a step is under way. */
class Client {
  #conn: Deno.Conn | undefined;
  #isBusy = false;

  constructor(readonly at: number) {}

  async step(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      this.#conn ??= await this.#open();
      await step(this.#conn);
    } catch {
      try {
        this.#conn?.close();
      } catch {
        // It was closed by the failure.
      }
      this.#conn = undefined;
    }
    this.#isBusy = false;
  }

  async #open(): Promise<Deno.Conn> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(encoder.encode(head(this.at)));
    return conn;
  }
}

const clients: Client[] = [];
while (clients.length < count) {
  const missing = Math.min(arrivals / turns, count - clients.length);
  const added = Array.from(
    { length: missing },
    (_, at) => new Client(clients.length + at),
  );
  const pace = new Promise((resolve) => setTimeout(resolve, 1000 / turns));
  await Promise.all([pace, ...added.map((client) => client.step())]);
  clients.push(...added);
}
console.log("ready");

let turn = 0;
setInterval(() => {
  for (let at = turn; at < count; at += pause * turns) clients[at].step();
  turn = (turn + 1) % (pause * turns);
}, 1000 / turns);
setTimeout(() => Deno.exit(1), 300_000);
await Deno.stdin.readable.pipeTo(new WritableStream());
Deno.exit();
