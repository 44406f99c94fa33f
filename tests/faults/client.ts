/**
 * A client that knows whether an answer is whole, and can stop anywhere on the
 * way.
 *
 * @module
 */

/** An answer as far as it came. */
export interface Answer {
  /** Of the final response; 0 if there is none. */
  status: number;
  /** Values by names in lower case. */
  fields: Map<string, string>;
  content: Uint8Array<ArrayBuffer>;
  /** Whether the client has got all that the answer says it has. */
  isWhole: boolean;
}

const nothing: Answer = {
  status: 0,
  fields: new Map(),
  content: new Uint8Array(0),
  isWhole: false,
};

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

/** One connection of a client. */
export class Client implements Disposable {
  readonly #conn: Deno.TcpConn;
  readonly #pieces: Uint8Array<ArrayBuffer>[] = [];
  /** Octets that have come in all. */
  received = 0;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** Connects; closed when the signal aborts. */
  static async connect(port: number, signal?: AbortSignal): Promise<Client> {
    const client = new Client(
      await Deno.connect({ hostname: "127.0.0.1", port, signal }),
    );
    signal?.addEventListener("abort", () => client[Symbol.dispose]());
    return client;
  }

  /** Connects and sends a head: its request line and fields. */
  static async begin(port: number, ...head: string[]): Promise<Client> {
    const client = await Client.connect(port);
    await client.send(headOf(head));
    return client;
  }

  /** Sends octets. @returns how many the server's side has taken. */
  async send(octets: Uint8Array | string): Promise<number> {
    const all = typeof octets === "string" ? encoder.encode(octets) : octets;
    let sent = 0;
    try {
      while (sent < all.length) {
        sent += await this.#conn.write(all.subarray(sent));
      }
    } catch {
      // The server takes no more, which is for the test to judge.
    }
    return sent;
  }

  /** Sends FIN, and goes on reading. */
  async endSending(): Promise<void> {
    // Fails where the server has reset the connection.
    await this.#conn.closeWrite().catch(() => {});
  }

  /** Reads until so many octets have come in all. @returns whether they have. */
  async read(least: number): Promise<boolean> {
    while (this.received < least) {
      const buffer = new Uint8Array(64 * 1024);
      const count = await this.#conn.read(buffer).catch(() => null);
      if (count === null) return false;
      this.#pieces.push(buffer.subarray(0, count));
      this.received += count;
    }
    return true;
  }

  /** Reads until the server's end. */
  async rest(): Promise<Answer> {
    await this.read(Infinity);
    return this.answer();
  }

  /** Reads until an answer is whole, or the connection ends before it is. */
  async next(): Promise<Answer> {
    for (;;) {
      const answer = this.answer();
      if (answer.isWhole) return answer;
      if (!await this.read(this.received + 1)) return answer;
    }
  }

  /** What has come until now. */
  answer(): Answer {
    return parseAnswer(this.octets());
  }

  /** All octets that have come until now. */
  octets(): Uint8Array<ArrayBuffer> {
    return joined(this.#pieces, this.received);
  }

  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // It is closed already.
    }
  }
}

/** A request's line and fields, with those that each request has here. */
export function headOf(lines: readonly string[]): string {
  return [...lines, "Host: localhost", "", ""].join("\r\n");
}

/** What a request has besides its line. */
interface Asking {
  fields?: string[];
  content?: Uint8Array;
  /** Milliseconds until it is given up. Default: as long as it takes. */
  patience?: number;
}

/** A whole exchange on a connection of its own. */
export async function ask(
  port: number,
  requestLine: string,
  { fields = [], content, patience }: Asking = {},
): Promise<Answer> {
  const end = new AbortController();
  const timer = patience && setTimeout(() => end.abort(), patience);
  const length = content ? [`Content-Length: ${content.length}`] : [];
  const head = [requestLine, "Connection: close", ...length, ...fields];
  try {
    using client = await Client.connect(port, end.signal);
    await client.send(headOf(head));
    if (content) await client.send(content);
    return await client.rest();
  } catch (error) {
    // Nobody accepts, or it was killed just then.
    if (error instanceof Deno.errors.ConnectionRefused) return nothing;
    if (error instanceof Deno.errors.ConnectionReset) return nothing;
    if (end.signal.aborted) return nothing;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function joined(
  pieces: readonly Uint8Array<ArrayBuffer>[],
  length: number,
): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Takes the first final response apart. */
export function parseAnswer(octets: Uint8Array<ArrayBuffer>): Answer {
  const text = decoder.decode(octets.subarray(0, 64 * 1024));
  const head =
    /^(?:HTTP\/1\.1 1\d\d [^]*?\r\n\r\n)*(HTTP\/1\.1 ([2-5]\d\d) [^]*?\r\n)\r\n/
      .exec(text);
  if (!head) return nothing;
  const fields = new Map(
    [...head[1].matchAll(/^([^:\r\n]+): *(.*)\r$/gm)].map((
      [, name, value],
    ) => [name.toLowerCase(), value]),
  );
  const rest = octets.subarray(head[0].length);
  const status = Number(head[2]);
  if (status === 204 || status === 304) {
    return { status, fields, content: rest, isWhole: true };
  }
  if (fields.get("transfer-encoding") === "chunked") {
    return { status, fields, ...joinChunks(rest) };
  }
  const length = Number(fields.get("content-length") ?? NaN);
  return { status, fields, content: rest, isWhole: rest.length === length };
}

/** Whole only with its last chunk. */
function joinChunks(
  octets: Uint8Array<ArrayBuffer>,
): Pick<Answer, "content" | "isWhole"> {
  const pieces = [];
  let length = 0;
  for (let at = 0;;) {
    const line = /^([0-9a-f]+)\r\n/i
      .exec(decoder.decode(octets.subarray(at, at + 20)));
    const size = line ? parseInt(line[1], 16) : 0;
    if (!line || size === 0) {
      return { content: joined(pieces, length), isWhole: line !== null };
    }
    at += line[0].length;
    const piece = octets.subarray(at, at + size);
    pieces.push(piece);
    length += piece.length;
    at += size + 2;
  }
}
