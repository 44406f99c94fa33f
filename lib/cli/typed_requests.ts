/**
 * Answers octets that a person typed as the server would. No socket is opened:
 * the same handler is served over a pipe in memory.
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

/** Octets of an answer that are waited for. */
const MOST_OCTETS = 1024 * 1024;
/** Milliseconds that it may take. */
const PATIENCE = 10_000;

/** A server for what is typed. */
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

  /** Sends octets, and FIN at their end; fulfilled with the answers to them. */
  async send(
    readable: ReadableStream<Uint8Array>,
    client: string,
  ): Promise<Uint8Array> {
    const answers = new TransformStream<Uint8Array, Uint8Array>();
    this.#connections.enqueue({
      readable,
      writable: answers.writable,
      remoteAddr: { transport: "unix", path: client },
    });
    return await deadline(collect(answers.readable), PATIENCE).catch(() => {
      throw new HttpError(504, "The server did not end its answer in time");
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

async function collect(
  stream: ReadableStream<Uint8Array>,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of stream) {
    pieces.push(piece);
    length += piece.length;
    // To go on would be for nobody: it is recorded up to less than that.
    if (length >= MOST_OCTETS) break;
  }
  return concat(pieces);
}
