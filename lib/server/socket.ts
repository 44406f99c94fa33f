/**
 * A `Deno.Conn` as a `Transport`: what a connection needs of a socket.
 *
 * In: an accepted connection. Out: octets one way and the other. It knows
 * nothing of HTTP.
 *
 * @module
 */
import type { Fairness } from "./fairness.ts";

/** Both ways of a connection. TCP, TLS, Unix sockets and pipes look the same. */
export interface Transport {
  /**
   * The octets that arrive. Each view it brings is overwritten by the next
   * read. It ends when the peer has sent its last, which leaves the way back
   * open.
   */
  readonly readable: ReadableStream<Uint8Array>;
  /** Writes some of the octets; tells how many. */
  write(octets: Uint8Array): Promise<number>;
  /** Tells the peer that no more will come (a TCP FIN). */
  closeWrite(): Promise<void>;
  /** Ends both ways; what waits on them is rejected. */
  close(): void;
  readonly remoteAddr: Deno.Addr;
  readonly localAddr: Deno.Addr;
  /** Lets what waits for the peer keep the process alive, as it does at first. */
  ref?(): void;
  /** Lets the process end although something waits for the peer. */
  unref?(): void;
  /** Whether what goes through is encrypted: then the URIs are `https`. */
  readonly isSecure: boolean;
}

/** Enough for most heads; an idle connection holds one of these. */
const SMALL_BUFFER = 1024;
/** Enough for a few heads, or one with long cookies. */
const MEDIUM_BUFFER = 8 * 1024;
/** For content: fewer and longer reads. */
const LARGE_BUFFER = 256 * 1024;

/** Wraps an accepted connection. */
export function openSocket(
  conn: Deno.Conn,
  fairness: Fairness,
): Transport {
  let isOpen = true;
  try {
    // We gather what goes out ourselves; the kernel need not wait for more.
    if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
  } catch {
    // The client is gone already, as the first read will tell.
  }
  return {
    readable: octetsOf(conn, fairness),
    write: (octets) => conn.write(octets),
    closeWrite: () => conn.closeWrite(),
    close() {
      if (isOpen) conn.close();
      isOpen = false;
    },
    ref: () => conn.ref(),
    unref: () => conn.unref(),
    remoteAddr: conn.remoteAddr,
    localAddr: conn.localAddr,
    isSecure: "handshake" in conn,
  };
}

/**
 * `conn.readable` would do, but it closes the whole socket when the peer closes
 * its half, and allocates 64 KiB for each read. This one reads into one buffer,
 * when asked and not before.
 */
function octetsOf(
  conn: Deno.Conn,
  fairness: Fairness,
): ReadableStream<Uint8Array> {
  let usual = SMALL_BUFFER;
  let buffer = new Uint8Array(usual);
  return new ReadableStream({
    async pull(controller) {
      const turn = fairness.overdueTurn;
      if (turn) await turn;
      const count = await conn.read(buffer);
      if (count === null) return controller.close();
      controller.enqueue(buffer.subarray(0, count));
      // Who has filled the small one once will do so again.
      if (count === SMALL_BUFFER) usual = MEDIUM_BUFFER;
      const length = lengthOfNext(buffer.length, count, usual);
      if (length !== buffer.length) buffer = new Uint8Array(length);
    },
  }, { highWaterMark: 0 });
}

/** A full buffer says that there is more to come; a nearly empty one, less. */
function lengthOfNext(length: number, count: number, usual: number): number {
  if (count === length) return length < usual ? usual : LARGE_BUFFER;
  return count < usual ? usual : length;
}
