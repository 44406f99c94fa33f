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

  /**
   * Sends octets, and FIN at their end; fulfilled with the answers to them.
   *
   * @param waits Numbers of octets after which it waits for an answer.
   */
  async send(
    octets: ReadableStream<Uint8Array>,
    client: string,
    waits: readonly number[] = [],
  ): Promise<Uint8Array> {
    const pauses = new Pauses(waits);
    const readable = waits.length > 0
      ? ReadableStream.from(pauses.hold(octets))
      : octets;
    const answers = new TransformStream<Uint8Array, Uint8Array>();
    this.#connections.enqueue({
      readable,
      writable: answers.writable,
      remoteAddr: { transport: "unix", path: client },
    });
    return await deadline(collect(answers.readable, pauses), PATIENCE).catch(
      () => {
        throw new HttpError(
          504,
          "The server did not finish its answer in time",
        );
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  pauses: Pauses,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of stream) {
    pieces.push(piece);
    length += piece.length;
    pauses.hear();
    // More is useless: the record keeps less than this.
    if (length >= MOST_OCTETS) break;
  }
  return concat(pieces);
}
