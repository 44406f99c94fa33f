/** A WebSocket over TLS when there are no descriptors for what carries it. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { LocalRelay } from "../../lib/server/local_relay.ts";
import { canServe, settingsFor } from "../../lib/server/tls_engine.ts";
import { serve } from "../../mod.ts";
import { pairOf, TlsClient } from "./tls_client.ts";

const isDenied = async (name: "net" | "read") =>
  (await Deno.permissions.query({ name })).state !== "granted";
const noTls = await isDenied("net") || await isDenied("read");
const localhost = noTls ? { cert: "", key: "" } : pairOf("localhost");
const ignore = noTls ||
  !canServe(settingsFor(localhost.cert, localhost.key));

/** What Deno throws for want of descriptors. */
function exhaustion(): Error {
  const error = new Error("Too many open files (os error 24)");
  return Object.assign(error, { code: "EMFILE" });
}

/** Lets nothing be accepted that is listened for from now on. */
function acceptNothing(): Disposable {
  const { listen } = Deno;
  const listenDeaf = (options: Deno.TcpListenOptions) => {
    const listener = listen(options);
    listener.accept = async () => {
      // Until there is somebody to accept.
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw exhaustion();
    };
    return listener;
  };
  Object.assign(Deno, { listen: listenDeaf });
  return { [Symbol.dispose]: () => void Object.assign(Deno, { listen }) };
}

// The test itself finds what is left open.
Deno.test("a relay that cannot be made leaves no socket behind", {
  ignore,
}, async () => {
  using _ = acceptNothing();
  const carried = {} as Parameters<typeof LocalRelay.open>[0];
  await assertRejects(() => LocalRelay.open(carried), Error, "Too many");
});

// Deno opens files to show where an error comes from, and panics if it cannot.
Deno.test("a WebSocket without descriptors: a warning, and no stack trace", {
  ignore,
}, async () => {
  const { error } = console;
  const said: unknown[] = [];
  await using server = serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, ...localhost },
    (request) => Deno.upgradeWebSocket(request).response,
  );
  using client = await TlsClient.connect(server.addr.port);
  using _ = acceptNothing();
  console.error = (it: unknown) => said.push(it);
  try {
    const fields = [
      ...["Connection: upgrade", "Upgrade: websocket"],
      ...[
        "Sec-WebSocket-Version: 13",
        `Sec-WebSocket-Key: ${btoa("x".repeat(16))}`,
      ],
    ];
    await client.send(
      ["GET / HTTP/1.1", "Host: h", ...fields, "", ""].join("\r\n"),
    );
    await client.readAll();
  } finally {
    console.error = error;
  }
  assertEquals(said.length, 1);
  assertMatch(String(said[0]), /^Out of file descriptors with 1 connections/);
});
