/**
 * A chat: one room, and a page to talk in. Open it in two windows.
 *
 * ```sh
 * deno run --allow-net=127.0.0.1:8000 examples/web_socket_chat.ts
 * ```
 *
 * @module
 */

import { serve } from "@sluice/http";

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Chat</title>
<h1>Chat</h1>
<form><input name="text" aria-label="Message" maxlength="1000"></form>
<ul></ul>
<script>
  const socket = new WebSocket(location.href.replace(/^http/, "ws"));
  const form = document.querySelector("form");
  form.onsubmit = (event) => {
    event.preventDefault();
    socket.send(form.elements.text.value);
    form.reset();
  };
  socket.onmessage = ({ data }) => {
    const item = document.createElement("li");
    item.textContent = data; // never innerHTML: others wrote this
    document.querySelector("ul").prepend(item);
  };
</script>
</html>
`;

const room = new Set<WebSocket>();

function say(text: string): void {
  for (const socket of room) {
    // What a member does not read waits in memory; past 1 MiB it has to go.
    if (socket.bufferedAmount > 1 << 20) socket.close(1008, "Too slow");
    if (socket.readyState === WebSocket.OPEN) socket.send(text);
  }
}

/** Gives out the page, and lets its WebSocket into the room. */
export function handler(request: Request): Response {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return new Response(page, {
      headers: { "content-type": "text/html; charset=utf-8" },
    });
  }
  // Browsers let a page of any site open a WebSocket to here, so ask whose it is.
  const origin = request.headers.get("origin");
  if (
    origin !== null && URL.parse(origin)?.host !== new URL(request.url).host
  ) {
    return new Response("This page may not join\n", { status: 403 });
  }
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => {
    room.add(socket);
    say(`Somebody has joined: ${room.size} here`);
  };
  socket.onmessage = ({ data }) => {
    if (typeof data === "string" && data.length <= 1000) say(data);
    else socket.close(1009, "Up to 1000 characters of text");
  };
  socket.onclose = () => {
    if (room.delete(socket)) say(`Somebody has left: ${room.size} here`);
  };
  return response;
}

if (import.meta.main) serve({ port: 8000, hostname: "127.0.0.1" }, handler);
