/** A client that sends all of its requests before it reads the first answer. */

/**
 * Asks a server on this machine so many times for a path, in one pipeline.
 *
 * @param ending What each answer ends with.
 * @returns how many answers came. Throws if the server closes before the last.
 */
export async function askInOneGo(
  port: number,
  { path, ending, count }: { path: string; ending: string; count: number },
): Promise<number> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const octets = new TextEncoder().encode(request.repeat(count));
  const writing = writeAll(conn, octets);
  const buffer = new Uint8Array(64 * 1024);
  const decoder = new TextDecoder();
  let [answers, rest] = [0, ""];
  while (answers < count) {
    const length = await conn.read(buffer);
    if (length === null) throw new Error("The server has closed it");
    const parts = (rest + decoder.decode(buffer.subarray(0, length)))
      .split(`\r\n\r\n${ending}`);
    answers += parts.length - 1;
    rest = parts.at(-1)!;
  }
  await writing;
  return answers;
}

async function writeAll(conn: Deno.Conn, octets: Uint8Array): Promise<void> {
  for (let at = 0; at < octets.length;) {
    at += await conn.write(octets.subarray(at));
  }
}
