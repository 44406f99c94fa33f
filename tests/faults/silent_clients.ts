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

/** Connections that are open, or about to be. */
let here = 0;

/** Stays until the server has had enough. */
async function stay(): Promise<void> {
  here++;
  try {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.read(new Uint8Array(1));
  } catch {
    // Refused, or reset.
  } finally {
    here--;
  }
}

// All of them within about three seconds; those that were closed come again.
const batch = Math.ceil(count / 30);
while (performance.now() < end) {
  for (let at = Math.min(batch, count - here); at > 0; at--) stay();
  await new Promise((next) => setTimeout(next, 100));
}
Deno.exit();
