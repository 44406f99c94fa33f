/**
 * Opens connections to a port, each with one request and its answer, says
 * `ready`, and keeps them until the standard input ends. A process of its own,
 * for which more files may be open at once.
 *
 *     deno run --allow-net idle_connections.ts PORT COUNT
 *
 * @module
 */
const [port, count] = Deno.args.map(Number);

/** Connections opened at once. */
const batch = 50;

const request = new TextEncoder().encode(
  "GET /echo/abc HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
);

async function open(): Promise<Deno.Conn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(request);
  const buffer = new Uint8Array(1024);
  let answer = "";
  // With its length, or in chunks.
  while (!/\r\n\r\nabc$|\r\n0\r\n\r\n$/.test(answer)) {
    const length = await conn.read(buffer);
    if (length === null) throw new Error("The server has closed a connection");
    answer += new TextDecoder().decode(buffer.subarray(0, length));
  }
  return conn;
}

const conns: Deno.Conn[] = [];
while (conns.length < count) {
  const missing = Math.min(batch, count - conns.length);
  conns.push(...await Promise.all(Array.from({ length: missing }, open)));
}
console.log("ready");
await Deno.stdin.readable.pipeTo(new WritableStream());
for (const conn of conns) conn.close();
