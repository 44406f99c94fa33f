/**
 * Opens connections to a port, each with one request, says `ready` when each has
 * an answer, and keeps them until the standard input ends. A process of its own,
 * for which more files may be open at once.
 *
 *     deno run --allow-net held_connections.ts PORT COUNT PATH [slow]
 *
 * An answer is read to its end, three octets of content; with `slow`, it is a
 * large one, of which each connection takes 16 KiB every 50 ms.
 *
 * @module
 */
const [port, count] = Deno.args.map(Number);
const [, , path, pace] = Deno.args;

/** Connections opened at once. */
const batch = 50;

const request = new TextEncoder().encode(
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
);

async function readAnswer(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1024);
  let answer = "";
  // With its length, or in chunks.
  while (!/\r\n\r\nabc$|\r\n0\r\n\r\n$/.test(answer)) {
    const length = await conn.read(buffer);
    if (length === null) throw new Error("The server has closed a connection");
    answer += new TextDecoder().decode(buffer.subarray(0, length));
  }
}

async function readSlowly(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(16 * 1024);
  if (await conn.read(buffer) === null) throw new Error("No answer");
  setInterval(() => conn.read(buffer), 50);
}

async function open(): Promise<Deno.Conn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(request);
  await (pace === "slow" ? readSlowly(conn) : readAnswer(conn));
  return conn;
}

const conns: Deno.Conn[] = [];
while (conns.length < count) {
  const missing = Math.min(batch, count - conns.length);
  conns.push(...await Promise.all(Array.from({ length: missing }, open)));
}
console.log("ready");
await Deno.stdin.readable.pipeTo(new WritableStream());
Deno.exit();
