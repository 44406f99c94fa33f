/**
 * WebSockets (RFC 6455) by the package `ws`: a handler that upgrades, for whoever
 * wants to talk.
 *
 * The package writes the head of the 101 itself, before all else; here it is taken
 * from there, and goes out as every other head.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
// @ts-types="npm:@types/ws@^8"
import { type WebSocket, WebSocketServer } from "ws";
import { type Handler, HttpError, type Upgraded } from "../../mod.ts";

const sockets = new WebSocketServer({ noServer: true });

/** Makes a handler of what is to be said on each WebSocket. */
export function webSocket(talk: (socket: WebSocket) => void): Handler {
  return (request, info) => {
    const line = new Line();
    const asked = {
      method: request.method,
      url: info.requestTarget,
      headers: Object.fromEntries(request.headers),
      socket: line,
    };
    sockets.handleUpgrade(
      asked as unknown as IncomingMessage,
      line,
      Buffer.alloc(0),
      talk,
    );
    const { status, headers } = line.head();
    if (status !== 101) {
      throw new HttpError(426, "This resource needs a WebSocket", {
        headers: { upgrade: "websocket" },
      });
    }
    const upgraded = info.upgrade({ protocol: "websocket", headers });
    line.open(upgraded.socket);
    return upgraded.response;
  };
}

/** What the package takes for a socket: first its head, then the real streams. */
class Line extends Duplex {
  #head = "";
  #isOpen = Promise.withResolvers<{
    reader: ReadableStreamDefaultReader<Uint8Array>;
    writer: WritableStreamDefaultWriter<Uint8Array>;
  }>();

  open({ readable, writable }: Upgraded["socket"]): void {
    const reader = readable.getReader();
    const writer = writable.getWriter();
    this.#isOpen.resolve({ reader, writer });
  }

  /** The head that was written. */
  head(): { status: number; headers: [string, string][] } {
    const [head] = this.#head.split("\r\n\r\n");
    const [first, ...lines] = head.split("\r\n");
    const headers = lines.map((line): [string, string] => {
      const [, name, value] = /^([^:]+): (.*)$/.exec(line)!;
      return [name, value];
    });
    return { status: Number(first.split(" ")[1]), headers };
  }

  override _write(octets: Buffer, _: string, done: (error?: Error) => void) {
    if (this.#head === "") {
      this.#head = octets.toString("latin1");
      return done();
    }
    this.#isOpen.promise
      .then(({ writer }) => writer.write(new Uint8Array(octets)))
      .then(() => done(), done);
  }

  override _final(done: (error?: Error) => void) {
    this.#isOpen.promise.then(({ writer }) => writer.close())
      .then(() => done(), done);
  }

  override _read() {
    this.#isOpen.promise.then(({ reader }) => reader.read())
      .then(({ value }) => this.push(value ?? null))
      .catch((error) => this.destroy(error));
  }

  // What it asks of a socket of node:net, and the server's clocks do.
  setTimeout() {}
  setNoDelay() {}
}
