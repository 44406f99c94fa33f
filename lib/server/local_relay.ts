/**
 * Carries a connection on to one of Deno's own, on this machine: for a WebSocket
 * over TLS, which Deno opens on nothing else.
 *
 * In: the parts of a connection that has left HTTP. Out: the other end of a pair
 * of sockets, with the same octets, both ways, until either end is closed.
 *
 * @module
 */
import type { ByteReader } from "../wire/byte_reader.ts";
import type { WriteBuffer } from "./write_buffer.ts";

/** Only this machine can reach it. */
const HERE = "127.0.0.1";

/** Octets that one read brings at most. */
const MOST = 64 * 1024;

/** What is carried. */
interface Carried {
  readonly reader: ByteReader;
  readonly output: WriteBuffer;
}

/** Whether this process may connect to itself; a prompt is no answer. */
export function mayRelay(): boolean {
  const { state } = Deno.permissions.querySync({ name: "net", host: HERE });
  return state === "granted";
}

/** A connection, and the one that it is carried to. */
export class LocalRelay {
  /** The end for whoever is to have the octets. */
  readonly far: Deno.TcpConn;
  /** Fulfilled when the client has been sent all, or is gone. */
  readonly ended: Promise<void>;
  readonly #near: Deno.TcpConn;
  #isOpen = true;

  private constructor(
    near: Deno.TcpConn,
    far: Deno.TcpConn,
    carried: Carried,
  ) {
    this.#near = near;
    this.far = far;
    this.ended = this.#carry(carried);
  }

  /** Makes the pair. */
  static async open(carried: Carried): Promise<LocalRelay> {
    using listener = Deno.listen({ hostname: HERE, port: 0 });
    const near = await Deno.connect({
      hostname: HERE,
      port: listener.addr.port,
    });
    const far = await listener.accept().catch((error) => {
      near.close();
      throw error;
    });
    for (const end of [near, far]) end.setNoDelay(true);
    // Another process of this machine may have been faster.
    if (near.localAddr.port === far.remoteAddr.port) {
      return new LocalRelay(near, far, carried);
    }
    near.close();
    far.close();
    throw new Deno.errors.ConnectionRefused("Another process was connected");
  }

  /** It ends with the far end: whoever has that has said all there is to say. */
  async #carry({ reader, output }: Carried): Promise<void> {
    this.#bring(reader).catch(() => this.#close());
    try {
      await this.#take(output);
    } catch {
      // The client is gone.
    } finally {
      this.#close();
    }
  }

  #close(): void {
    if (this.#isOpen) this.#near.close();
    this.#isOpen = false;
  }

  /** From the client. */
  async #bring(reader: ByteReader): Promise<void> {
    for (let octets; (octets = await reader.readSome(MOST));) {
      for (let at = 0; at < octets.length;) {
        at += await this.#near.write(octets.subarray(at));
      }
    }
    await this.#near.closeWrite();
  }

  /** To the client. */
  async #take(output: WriteBuffer): Promise<void> {
    const buffer = new Uint8Array(MOST);
    for (let count; (count = await this.#near.read(buffer)) !== null;) {
      output.gather(buffer.subarray(0, count));
      await output.flush();
    }
    await output.end();
  }
}
