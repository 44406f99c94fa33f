/**
 * A client of WebSockets (RFC 6455) that says what a test wants said, right or
 * wrong, frame by frame.
 *
 * @module
 */

/** RFC 6455 §11.8. */
export const opcodes = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

/** One frame. */
export interface Frame {
  opcode: number;
  isFinal: boolean;
  payload: Uint8Array<ArrayBuffer>;
}

/** What of a frame to send is not as usual. */
export interface Unusual {
  /** Default: true. */
  isFinal?: boolean;
  /** Bits that are reserved, 0 to 7. Default: 0. */
  reserved?: number;
  /** Default: true, as RFC 6455 §5.1 has it. */
  isMasked?: boolean;
}

/** What a client asks for a WebSocket with. */
export const handshake = "GET /chat?room=1 HTTP/1.1\r\nHost: h\r\n" +
  "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
  "Sec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

const key = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);

/** Text or octets as octets. */
export function octets(data: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    typeof data === "string" ? new TextEncoder().encode(data) : data,
  );
}

/** The octets of a frame (RFC 6455 §5.2). */
export function encodeFrame(
  opcode: number,
  data: string | Uint8Array = "",
  { isFinal = true, reserved = 0, isMasked = true }: Unusual = {},
): Uint8Array<ArrayBuffer> {
  const payload = octets(data);
  const { length } = payload;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const start = 2 + extended + (isMasked ? 4 : 0);
  const frame = new Uint8Array(start + length);
  const view = new DataView(frame.buffer);
  const mask = isMasked ? 0x80 : 0;
  frame[0] = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  frame[1] = mask | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) view.setUint16(2, length);
  if (extended === 8) view.setBigUint64(2, BigInt(length));
  frame.set(payload, start);
  if (!isMasked) return frame;
  frame.set(key, start - 4);
  for (let at = 0; at < length; at++) frame[start + at] ^= key[at & 3];
  return frame;
}

/** The payload of a Close frame (RFC 6455 §5.5.1). */
export function closing(
  code: number,
  reason: string | Uint8Array = "",
): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(code >> 8, code & 0xff, ...octets(reason));
}

/** The client's end of a connection. */
export class FrameClient implements Disposable {
  readonly conn: Deno.Conn;
  /** The head of the answer to the handshake. */
  head = "";
  #buffer = new Uint8Array(65_536);
  #start = 0;
  #end = 0;

  constructor(conn: Deno.Conn) {
    this.conn = conn;
  }

  /** Shakes hands; what is `early` comes in one packet with the head. */
  static async shakeHands(
    conn: Deno.Conn,
    early: Uint8Array = new Uint8Array(),
  ): Promise<FrameClient> {
    const client = new FrameClient(conn);
    await client.write(new Uint8Array([...octets(handshake), ...early]));
    client.head = await client.readHead();
    return client;
  }

  [Symbol.dispose](): void {
    try {
      this.conn.close();
    } catch {
      // A test has closed it.
    }
  }

  /** Sends octets as they are. */
  async write(data: string | Uint8Array): Promise<void> {
    let rest = octets(data);
    while (rest.length > 0) rest = rest.subarray(await this.conn.write(rest));
  }

  /** Sends a frame. */
  send(
    opcode: number,
    data?: string | Uint8Array,
    unusual?: Unusual,
  ): Promise<void> {
    return this.write(encodeFrame(opcode, data, unusual));
  }

  /** Reads the head of a response, and leaves what follows. */
  async readHead(): Promise<string> {
    for (;;) {
      const text = new TextDecoder("latin1").decode(this.#here);
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        this.#start += end + 4;
        return text.slice(0, end + 4);
      }
      if (!await this.#fill()) return text;
    }
  }

  /** Reads so many octets; fewer, if the end comes before. */
  async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#here.length < count && await this.#fill());
    const taken = this.#here.slice(0, count);
    this.#start += taken.length;
    return taken;
  }

  /** Reads a frame; undefined at the end of the connection. */
  async read(): Promise<Frame | undefined> {
    const start = await this.take(2);
    if (start.length < 2) return undefined;
    let length = start[1] & 0x7f;
    if (start[1] & 0x80) throw new Error("A server must not mask its frames");
    if (start[0] & 0x70) throw new Error("Reserved bits are set");
    if (length >= 126) {
      const view = new DataView(
        (await this.take(length === 126 ? 2 : 8)).buffer,
      );
      length = length === 126
        ? view.getUint16(0)
        : Number(view.getBigUint64(0));
    }
    const payload = await this.take(length);
    return { opcode: start[0] & 0x0f, isFinal: start[0] >= 0x80, payload };
  }

  /** Reads a message of one frame, as text. */
  async readText(): Promise<string> {
    const frame = await this.read();
    if (frame?.opcode !== opcodes.text) {
      throw new Error(`No text: ${Deno.inspect(frame)}`);
    }
    return new TextDecoder().decode(frame.payload);
  }

  /**
   * Reads until a Close frame: its code and reason; undefined if the connection
   * ends without one, 1005 if it says nothing.
   */
  async readClose(): Promise<{ code: number; reason: string } | undefined> {
    for (;;) {
      const frame = await this.read();
      if (!frame) return undefined;
      if (frame.opcode !== opcodes.close) continue;
      const { payload } = frame;
      if (payload.length < 2) return { code: 1005, reason: "" };
      return {
        code: payload[0] << 8 | payload[1],
        reason: new TextDecoder().decode(payload.subarray(2)),
      };
    }
  }

  /** Reads to the end of the connection. */
  async drain(): Promise<void> {
    while (await this.#fill()) this.#start = this.#end;
  }

  get #here(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Reads more; false at the end, be it a reset. */
  async #fill(): Promise<boolean> {
    if (this.#end === this.#buffer.length) {
      const here = this.#here;
      const isLong = 2 * here.length > this.#buffer.length;
      const buffer = new Uint8Array(this.#buffer.length * (isLong ? 2 : 1));
      buffer.set(here);
      this.#buffer = buffer;
      this.#start = 0;
      this.#end = here.length;
    }
    const room = this.#buffer.subarray(this.#end);
    const count = await this.conn.read(room).catch((error) => {
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    });
    this.#end += count ?? 0;
    return count !== null;
  }
}
