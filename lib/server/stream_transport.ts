/**
 * A pair of web streams as a `Transport`: what a server runs over that has no
 * socket of its own.
 *
 * In: streams of somebody else's. Out: octets one way and the other. Whatever
 * these streams do, the connection ends, and nothing is thrown that nobody
 * awaits.
 *
 * @module
 */
import { ConnectionLost } from "../errors.ts";
import type { Transport } from "./socket.ts";

/**
 * A connection that is no socket of ours: both of its ways as web streams.
 *
 * @example A pipe in memory, to test an application without the network
 * ```ts
 * import { serve, type StreamPair } from "@sluice/http";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const up = new TransformStream<Uint8Array, Uint8Array>();
 * const down = new TransformStream<Uint8Array, Uint8Array>();
 * async function* listener(): AsyncGenerator<StreamPair> {
 *   yield { readable: up.readable, writable: down.writable };
 * }
 * await using server = serve({ listener: listener() }, () => new Response("hi"));
 *
 * const client = up.writable.getWriter();
 * client.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
 * client.close();
 * assertStringIncludes(await new Response(down.readable).text(), "\r\n\r\nhi");
 * await server.finished;
 * ```
 */
export interface StreamPair {
  /** What the client sends; its end is the client's last word. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What the client gets. It is closed after the last answer. */
  readonly writable: WritableStream<Uint8Array>;
  /** Where the client is. Default: a Unix socket without a path. */
  readonly remoteAddr?: Deno.Addr;
  /** Where this end is. Default: a Unix socket without a path. */
  readonly localAddr?: Deno.Addr;
}

const nowhere: Deno.UnixAddr = { transport: "unix", path: "" };

/** Makes a transport of a pair of streams. */
export function openStreams(
  { readable, writable, remoteAddr = nowhere, localAddr = nowhere }: StreamPair,
): Transport {
  const reader = readable.getReader();
  const writer = writable.getWriter();
  writer.closed.catch(() => {});
  return {
    readable: new ReadableStream({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else if (value instanceof Uint8Array) controller.enqueue(value);
        else throw new TypeError("Cannot read the stream: got no Uint8Array");
      },
    }, { highWaterMark: 0 }),
    async write(octets) {
      // Whoever gets it may keep it, and the octets lie in a buffer of ours.
      await writer.write(octets.slice());
      return octets.length;
    },
    closeWrite: () => writer.close(),
    close() {
      const reason = new ConnectionLost("The connection was closed");
      reader.cancel(reason).catch(() => {});
      writer.abort(reason).catch(() => {});
    },
    remoteAddr,
    localAddr,
    isSecure: false,
  };
}
