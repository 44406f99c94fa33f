/**
 * The limit of receiving a file: reads 256 KiB at a time from the socket, writes
 * them to a new file, syncs it, puts it in the place of the old one, answers 201,
 * and does nothing else.
 *
 *     deno run --allow-net --allow-write bare_upload.ts PORT FILE
 *
 * @module
 */
const [port, path] = Deno.args;
const answer = new TextEncoder().encode(
  "HTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
);

/** The octets of content that a read has brought, and how many are to come. */
function splitHead(octets: Uint8Array): { content: Uint8Array; left: number } {
  const [head] = new TextDecoder().decode(octets).split("\r\n\r\n", 1);
  const length = Number(/content-length: *(\d+)/i.exec(head)![1]);
  const content = octets.subarray(head.length + 4);
  return { content, left: length - content.length };
}

async function writeAll(file: Deno.FsFile, octets: Uint8Array): Promise<void> {
  for (let at = 0; at < octets.length;) {
    at += await file.write(octets.subarray(at));
  }
}

async function serve(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(256 * 1024);
  const count = await conn.read(buffer);
  if (count === null) return conn.close();
  const part = `${path}.part`;
  using file = await Deno.open(part, {
    write: true,
    create: true,
    truncate: true,
  });
  let { content, left } = splitHead(buffer.subarray(0, count));
  await writeAll(file, content);
  while (left > 0) {
    const count = await conn.read(buffer);
    if (count === null) break;
    content = buffer.subarray(0, count);
    await writeAll(file, content);
    left -= count;
  }
  await file.sync();
  await Deno.rename(part, path);
  await conn.write(answer);
  conn.close();
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(port) });
for await (const conn of listener) serve(conn).catch(() => conn.close());
