/**
 * Stand-in for `jsr:@std/http/server-sent-event-stream`.
 *
 * @module
 */
import { ServerSentEventStream as ServerSentEventStream_ } from "npm:deno-std@1.4.0/http/server_sent_event_stream.js";

/** An event of a stream. */
export interface ServerSentEventMessage {
  /** What nobody is told of. */
  comment?: string;
  /** Its type. */
  event?: string;
  /** What it says. */
  data?: string;
  /** What a client that comes back names as the last it got. */
  id?: string | number;
  /** Milliseconds until a client that lost the stream comes back. */
  retry?: number;
}

/** Events go in, the octets of a stream of them come out. */
export const ServerSentEventStream: new () => TransformStream<
  ServerSentEventMessage,
  Uint8Array
> = ServerSentEventStream_;
