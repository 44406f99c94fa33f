/**
 * Resets: the one end of a connection that a `Deno.Conn` does not make.
 *
 * @module
 */
import { once } from "node:events";
import { connect } from "node:net";

/** Sends octets, waits, and resets the connection. */
export async function resetAfter(
  port: number,
  octets: string,
  wait: () => Promise<unknown>,
): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  // The server may have reset it, or closed it, sooner.
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.on("close", resolve));
  await once(socket, "connect");
  socket.write(octets);
  await wait();
  socket.resetAndDestroy();
  await closed;
}

/** Waits: for whatever may happen meanwhile, of which there is no event. */
export function milliseconds(count: number): () => Promise<void> {
  return () => new Promise((resolve) => setTimeout(resolve, count));
}
