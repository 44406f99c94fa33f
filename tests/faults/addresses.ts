/**
 * Clients of other addresses of this machine: on Linux, all of 127.0.0.0/8 are.
 *
 * @module
 */
import { connect, type Socket } from "node:net";

/** A connection from an address, once it is there. */
export async function connectFrom(
  localAddress: string,
  port: number,
): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, localAddress });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return socket;
}

/** What comes for some octets until the end, and the port that they came from. */
export async function askFrom(
  localAddress: string,
  port: number,
  octets: string,
): Promise<{ text: string; port: number }> {
  const socket = await connectFrom(localAddress, port);
  const { localPort = 0 } = socket;
  let text = "";
  socket.setEncoding("latin1");
  socket.on("data", (piece) => text += piece);
  // A reset is an end as well.
  socket.on("error", () => {});
  socket.write(octets);
  await new Promise((resolve) => socket.once("close", resolve));
  return { text, port: localPort };
}
