/**
 * The limit: reads what comes, counts the heads in it, answers each with the
 * same octets, and does nothing else. The octets come through a ReadableStream,
 * as those of a connection of Sluice do.
 *
 *     deno run --allow-net bare_loop.ts PORT [close]
 *
 * With `close` it closes after each.
 *
 * @module
 */
const [port, closing] = Deno.args;
const isPersistent = closing !== "close";

const answer = new TextEncoder().encode(
  "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n" +
    (isPersistent ? "" : "connection: close\r\n") +
    `date: ${new Date().toUTCString()}\r\ncontent-length: 3\r\n\r\nabc`,
);
/** As many answers as a read can ask for. */
const answers = new Uint8Array(answer.length * 256);
for (let at = 0; at < answers.length; at += answer.length) {
  answers.set(answer, at);
}

const LF = 0x0a;
const CR = 0x0d;

function octetsOf(conn: Deno.Conn): ReadableStream<Uint8Array> {
  const buffer = new Uint8Array(4096);
  return new ReadableStream({
    async pull(controller) {
      const count = await conn.read(buffer);
      if (count === null) controller.close();
      else controller.enqueue(buffer.subarray(0, count));
    },
  }, { highWaterMark: 0 });
}

/** Counts empty lines, also those that two reads part. */
class HeadCounter {
  #matched = 0;

  count(octets: Uint8Array): number {
    let heads = 0;
    for (const octet of octets) {
      const expected = this.#matched % 2 === 0 ? CR : LF;
      if (octet === expected) this.#matched++;
      else this.#matched = octet === CR ? 1 : 0;
      if (this.#matched < 4) continue;
      this.#matched = 0;
      heads++;
    }
    return heads;
  }
}

async function serve(conn: Deno.TcpConn): Promise<void> {
  conn.setNoDelay(true);
  const reader = octetsOf(conn).getReader();
  const counter = new HeadCounter();
  do {
    const { value } = await reader.read();
    if (value === undefined) break;
    const length = counter.count(value) * answer.length;
    let at = 0;
    while (at < length) at += await conn.write(answers.subarray(at, length));
  } while (isPersistent);
  conn.close();
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(port) });
for await (const conn of listener) serve(conn).catch(() => conn.close());
