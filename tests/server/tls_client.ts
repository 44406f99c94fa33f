/**
 * A client of TLS whose octets a test sends and cuts as it likes, over a
 * connection of its own.
 *
 * @module
 */
import { createSecureContext } from "node:tls";
import { MOST_AT_ONCE, TlsEngine } from "../../lib/server/tls_engine.ts";

/** A certificate of the tests and its key: `localhost`, or `renewed`. */
export function pairOf(name: string): { cert: string; key: string } {
  const read = (end: string) =>
    Deno.readTextFileSync(
      new URL(`certificate/${name}.${end}`, import.meta.url),
    );
  return { cert: read("crt"), key: read("key") };
}

/** The first octets of a client: its hello. */
export function clientHello(): Uint8Array {
  using client = new TlsClient(undefined as never);
  return client.engine.drain();
}

/** A client that trusts anybody. */
export class TlsClient implements Disposable {
  readonly conn: Deno.Conn;
  readonly engine = TlsEngine.connect({
    ...(createSecureContext() as unknown as { context: object }).context,
    rejectUnauthorized: false,
  });

  constructor(conn: Deno.Conn) {
    this.conn = conn;
  }

  /** Connects, and shakes hands octet by octet if that is wanted. */
  static async connect(port: number, isSlow = false): Promise<TlsClient> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    return await TlsClient.over(conn, isSlow);
  }

  /** The same over a connection. */
  static async over(conn: Deno.Conn, isSlow = false): Promise<TlsClient> {
    const client = new TlsClient(conn);
    while (!client.engine.isOpen) {
      await client.flush(isSlow);
      if (!await client.receive()) throw new Error("The server has gone");
    }
    await client.flush(isSlow);
    return client;
  }

  /** Sends what the engine has. */
  async flush(isSlow = false): Promise<void> {
    const octets = this.engine.drain();
    const most = isSlow ? 1 : octets.length;
    for (let at = 0; at < octets.length;) {
      at += await this.conn.write(octets.subarray(at, at + most));
    }
  }

  async send(text: string): Promise<void> {
    const octets = new TextEncoder().encode(text);
    for (let at = 0; at < octets.length; at += MOST_AT_ONCE) {
      this.engine.say(octets.subarray(at, at + MOST_AT_ONCE));
      await this.flush();
    }
  }

  /** Reads once. @returns false at the end of the connection. */
  async receive(): Promise<boolean> {
    const buffer = new Uint8Array(16 * 1024);
    const count = await this.conn.read(buffer);
    if (count === null) return false;
    this.engine.receive(buffer.subarray(0, count));
    return true;
  }

  /** All that the server says until it says goodbye, or is gone. */
  async readAll(): Promise<string> {
    let text = "";
    const buffer = new Uint8Array(16 * 1024);
    for (;;) {
      for (let count; (count = this.engine.take(buffer)) > 0;) {
        text += new TextDecoder().decode(buffer.subarray(0, count));
      }
      if (this.engine.hasEnded || !await this.receive()) return text;
    }
  }

  [Symbol.dispose](): void {
    this.engine.release();
    this.conn?.close();
  }
}

/** Reads a connection to its end; a reset is one as well. */
export async function readToEnd(conn: Deno.Conn): Promise<string> {
  let text = "";
  const buffer = new Uint8Array(4096);
  try {
    for (let count; (count = await conn.read(buffer)) !== null;) {
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
  } catch {
    // Reset.
  }
  return text;
}
