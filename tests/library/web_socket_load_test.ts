/** WebSockets in numbers, and from Hono, over the same sockets as HTTP. */

import { assert, assertEquals } from "@std/assert";
import { Hono } from "hono";
import { cors } from "hono/cors";
import { upgradeWebSocket } from "hono/deno";
import { type Handler, serve } from "../../mod.ts";
import {
  closing,
  encodeFrame,
  FrameClient,
  opcodes,
} from "../support/web_socket_client.ts";

const where = { hostname: "127.0.0.1", port: 0, onListen() {} };

const echo: Handler = (request) => {
  const { response, socket } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
};

async function shakeHands({ port }: Deno.NetAddr): Promise<FrameClient> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  return await FrameClient.shakeHands(conn);
}

Deno.test("a thousand talk, and a shutdown says goodbye to each", async () => {
  const server = serve(where, echo);
  const clients: FrameClient[] = [];
  while (clients.length < 1000) {
    const some = Array.from({ length: 100 }, () => shakeHands(server.addr));
    clients.push(...await Promise.all(some));
  }
  assertEquals(server.connections, { open: 1000, idle: 0, active: 1000 });
  for (let round = 0; round < 3; round++) {
    await Promise.all(clients.map(async (client, index) => {
      await client.send(opcodes.text, `${round} ${index}`);
      assertEquals(await client.readText(), `${round} ${index}`);
    }));
  }
  const shutdown = server.shutdown();
  const codes = await Promise.all(clients.map(async (client) => {
    const told = await client.readClose();
    await client.send(opcodes.close, closing(1001));
    await client.drain();
    client[Symbol.dispose]();
    return told?.code;
  }));
  assertEquals(new Set(codes), new Set([1001]));
  const from = performance.now();
  await shutdown;
  // Nobody who has answered is waited for.
  assert(performance.now() - from < 1000);
});

Deno.test("a thousand that only leave are let go of", async () => {
  await using server = serve(where, echo);
  for (let round = 0; round < 10; round++) {
    const some = Array.from({ length: 100 }, () => shakeHands(server.addr));
    for (const client of await Promise.all(some)) client[Symbol.dispose]();
  }
  while (server.connections.open > 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
});

Deno.test("a flood of pings is answered, and holds up nobody else", async () => {
  await using server = serve(where, echo);
  using flooding = await shakeHands(server.addr);
  using other = await shakeHands(server.addr);
  const count = 20_000;
  const pings = new Uint8Array(count * 10);
  const ping = encodeFrame(opcodes.ping, "ping");
  for (let at = 0; at < pings.length; at += 10) pings.set(ping, at);
  const flood = flooding.write(pings);
  await other.send(opcodes.text, "and me?");
  assertEquals(await other.readText(), "and me?");
  for (let answered = 0; answered < count; answered++) {
    const frame = await flooding.read();
    assertEquals(frame?.opcode, opcodes.pong);
  }
  await flood;
});

Deno.test("a client that takes nothing holds up no shutdown", async () => {
  const server = serve(where, (request) => {
    const { response, socket } = Deno.upgradeWebSocket(request);
    socket.onopen = () => {
      for (let sent = 0; sent < 64; sent++) {
        socket.send(new Uint8Array(1 << 20));
      }
    };
    return response;
  });
  const client = await shakeHands(server.addr);
  await client.take(1);
  const from = performance.now();
  await server.shutdown();
  assert(performance.now() - from < 3000);
  client[Symbol.dispose]();
});

for (const hasCors of [false, true]) {
  const name = hasCors ? "Hono, with fields of its own" : "Hono";
  Deno.test(`${name}, unchanged`, async () => {
    const app = new Hono();
    if (hasCors) app.use(cors());
    app.get("/", (context) => context.text("hello"));
    app.get(
      "/ws",
      upgradeWebSocket(() => ({
        onMessage: ({ data }, socket) => socket.send(`you said ${data}`),
      })),
    );
    await using server = serve(where, app.fetch);
    const origin = `127.0.0.1:${server.addr.port}`;
    assertEquals(await (await fetch(`http://${origin}/`)).text(), "hello");
    const answer = Promise.withResolvers<unknown>();
    const closed = Promise.withResolvers<CloseEvent>();
    const socket = new WebSocket(`ws://${origin}/ws`);
    socket.onopen = () => socket.send("hi");
    socket.onmessage = ({ data }) => answer.resolve(data);
    socket.onclose = closed.resolve;
    assertEquals(await answer.promise, "you said hi");
    assertEquals(server.connections.active, 1);
    socket.close(1000, "bye");
    const { code, reason } = await closed.promise;
    assertEquals([code, reason], [1000, "bye"]);
  });
}
