/**
 * Answers typed octets as the server would. It opens no socket: the same
 * handler is served over a pipe in memory.
 *
 * @module
 */

import { deadline } from "@std/async/deadline";
import { concat } from "@std/bytes/concat";
import {
  type Handler,
  HttpError,
  type HttpServer,
  serve,
  type ServeOptions,
  type StreamPair,
} from "../../mod.ts";
import type { Manner } from "../xray/xray.ts";
import { Pauses } from "./pauses.ts";

/** The most octets of an answer to wait for. */
const MOST_OCTETS = 1024 * 1024;
/** The most milliseconds that an answer may take. */
const PATIENCE = 10_000;

/** A server for typed requests. */
export class TypedRequests implements AsyncDisposable {
  #server: HttpServer;
  #connections!: ReadableStreamDefaultController<StreamPair>;

  constructor(options: ServeOptions, handler: Handler) {
    const listener = new ReadableStream<StreamPair>({
      start: (controller) => {
        this.#connections = controller;
      },
    });
    this.#server = serve({ ...options, listener }, handler);
  }

  /** Sends octets in a manner; fulfilled with the answers to them. */
  async send(
    octets: ReadableStream<Uint8Array>,
    client: string,
    { waits, end }: Manner,
  ): Promise<Uint8Array> {
    const pauses = new Pauses(waits);
    const answers = new TransformStream<Uint8Array, Uint8Array>();
    this.#connections.enqueue({
      readable: ReadableStream.from(inManner(octets, pauses, end)),
      writable: answers.writable,
      remoteAddr: { transport: "unix", path: client },
    });
    const pieces: Uint8Array[] = [];
    const collected = collect(answers.readable, pieces, pauses);
    await deadline(collected, PATIENCE).catch(() => {
      // The answer to a client that is gone does not end, it is broken off.
      if (end === "hang-up") return;
      throw new HttpError(504, "The server did not finish its answer in time");
    });
    return concat(pieces);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** The octets of a client, with its pauses and its end. */
async function* inManner(
  octets: ReadableStream<Uint8Array>,
  pauses: Pauses,
  end: Manner["end"],
): AsyncGenerator<Uint8Array> {
  yield* pauses.hold(octets);
  if (end === "stay") await pauses.silence();
  if (end === "hang-up") throw new Error("The client is gone");
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  pieces: Uint8Array[],
  pauses: Pauses,
): Promise<void> {
  let length = 0;
  for await (const piece of stream) {
    pieces.push(piece);
    length += piece.length;
    pauses.hear();
    // More is useless: the record keeps less than this.
    if (length >= MOST_OCTETS) break;
  }
}
