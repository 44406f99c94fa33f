/**
 * Connects, and says nothing: a process of its own, for which more files may be
 * open at once.
 *
 *     deno run --allow-net silent_clients.ts PORT COUNT SECONDS
 *
 * @module
 */
const [port, count, seconds] = Deno.args.map(Number);

const end = performance.now() + seconds * 1000;
const conns = new Set<Deno.Conn>();

/** Stays until the server has had enough. */
async function stay(): Promise<void> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conns.add(conn);
  conn.read(new Uint8Array(1)).catch(() => null).finally(() => {
    conns.delete(conn);
    conn.close();
  });
}

while (performance.now() < end) {
  // A server that is full may not accept at all.
  const batch = Array.from({ length: Math.min(50, count - conns.size) }, stay);
  await Promise.allSettled(batch);
  // Or it would be a flood rather than silence.
  await new Promise((next) => setTimeout(next, 50));
}
Deno.exit();
