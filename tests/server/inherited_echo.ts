/**
 * Echoes what the first connection on a passed socket sends, without a server:
 * the listener is one as Deno has them. Then tells how it ended.
 *
 * @module
 */
import { socketListener } from "../../mod.ts";

using listener = await socketListener(3);
listener.unref();
listener.ref();
for await (const conn of listener) {
  conn.unref();
  conn.ref();
  await conn.readable.pipeTo(conn.writable);
  conn[Symbol.dispose]();
  listener.close();
  const none = await listener.accept().catch(({ name }) => name);
  console.log(JSON.stringify({ none, addr: listener.addr.transport }));
}
