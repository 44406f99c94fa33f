/** WebSockets, by a package from npm, over `upgrade()`. */

import { assertEquals } from "@std/assert";
import { serve } from "../../mod.ts";
import { webSocket } from "./websocket.ts";

const echo = webSocket((socket) => {
  socket.on(
    "message",
    (data, isBinary) => socket.send(data, { binary: isBinary }),
  );
});

const where = { hostname: "127.0.0.1", port: 0, onListen() {} };

Deno.test("a WebSocket client talks, and says goodbye", async () => {
  await using server = serve(where, echo);
  const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}/`);
  socket.binaryType = "arraybuffer";
  const event = <T extends Event>(name: string) =>
    new Promise<T>((resolve) =>
      socket.addEventListener(name, (event) => resolve(event as T), {
        once: true,
      })
    );
  await event("open");
  for (const message of ["hello", "é\u{1f600}", "x".repeat(200_000)]) {
    const answer = event<MessageEvent>("message");
    socket.send(message);
    assertEquals((await answer).data, message);
  }
  const answer = event<MessageEvent>("message");
  socket.send(new Uint8Array([1, 2, 3]));
  assertEquals(
    new Uint8Array((await answer).data),
    new Uint8Array([1, 2, 3]),
  );
  assertEquals(server.connections.active, 1);
  const closed = event<CloseEvent>("close");
  socket.close(1000, "bye");
  const { code, reason } = await closed;
  assertEquals([code, reason], [1000, "bye"]);
});

Deno.test("who does not ask for a WebSocket gets 426", async () => {
  await using server = serve(where, echo);
  const response = await fetch(`http://127.0.0.1:${server.addr.port}/`);
  assertEquals(response.status, 426);
  assertEquals(response.headers.get("upgrade"), "websocket");
  await response.body?.cancel();
});
