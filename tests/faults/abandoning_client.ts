/**
 * Clients that ask for archives, searches and moves, so many of each at once,
 * and leave; again and again for so many seconds. Prints how many there were.
 *
 *     abandoning_client.ts PORT CLIENTS SECONDS
 *
 * @module
 */
const [port, clients, seconds] = Deno.args.map(Number);

/** Milliseconds after which all of them leave. */
const STAY = 150;

function requests(at: number): string[] {
  return [
    "GET /files/tree/?zip",
    "GET /files/?search=name&limit=10000",
    `MOVE /files/${at}/`,
  ].map((line) =>
    `${line} HTTP/1.1\r\nHost: localhost\r\n` +
    `Destination: /files/to/${at}\r\n\r\n`
  );
}

async function ask(request: string): Promise<Deno.Conn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(request));
  return conn;
}

const end = performance.now() + seconds * 1000;
let count = 0;
while (performance.now() < end) {
  const asked = Array.from({ length: clients }, (_, at) => requests(at)).flat();
  count += asked.length;
  const conns = await Promise.all(asked.map(ask));
  await new Promise((resolve) => setTimeout(resolve, STAY));
  for (const conn of conns) conn.close();
}
console.log(count);
