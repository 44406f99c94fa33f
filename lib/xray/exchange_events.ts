/**
 * Sends the exchanges of a recorder as server-sent events (HTML Standard §9.2):
 * each as it is now, and again whenever it has changed. A client that reads too
 * slowly misses steps in between, never how an exchange ends, and costs no
 * memory.
 *
 * @module
 */

import {
  type ServerSentEventMessage,
  ServerSentEventStream,
} from "@std/http/server-sent-event-stream";
import type { Recorder } from "./recorder.ts";

type Controller = ReadableStreamDefaultController<ServerSentEventMessage>;

/** Milliseconds for which changes are gathered: nobody sees them come faster. */
const PAUSE = 50;
/** Milliseconds without an event after which one is sent that says nothing. */
const HEARTBEAT = 15_000;
/** Changes after which those are forgotten that are of no more use. */
const MOST_CHANGED = 1000;

/** The events for one browser. */
export class ExchangeEvents {
  #recorder: Recorder;
  #onEnd: () => void;
  /** Their numbers. */
  #changed = new Set<number>();
  #controller!: Controller;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #unlisten = () => {};

  /** @param onEnd Told when the browser has left, or `end` was called. */
  constructor(recorder: Recorder, onEnd: () => void) {
    this.#recorder = recorder;
    this.#onEnd = onEnd;
  }

  /** Opens the stream, once. */
  open(): ReadableStream<Uint8Array> {
    return new ReadableStream<ServerSentEventMessage>({
      start: (controller) => this.#start(controller),
      pull: () => this.#tell(),
      cancel: () => this.#stop(),
    }).pipeThrough(new ServerSentEventStream());
  }

  /** Ends the stream. */
  end(): void {
    this.#stop();
    this.#controller.close();
  }

  #start(controller: Controller): void {
    this.#controller = controller;
    for (const { id } of this.#recorder.exchanges) this.#changed.add(id);
    this.#unlisten = this.#recorder.listen(({ id }) => {
      this.#changed.add(id);
      if (this.#changed.size > MOST_CHANGED) this.#forgetGone();
      this.#gathering ??= setTimeout(() => {
        this.#gathering = undefined;
        this.#tell();
      }, PAUSE);
    });
    this.#heartbeat = setInterval(() => {
      if (this.#hasRoom) controller.enqueue({ comment: "still here" });
    }, HEARTBEAT);
  }

  #stop(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#gathering);
    this.#unlisten();
    this.#onEnd();
  }

  get #hasRoom(): boolean {
    return (this.#controller.desiredSize ?? 0) > 0;
  }

  #tell(): void {
    if (this.#gathering !== undefined || !this.#hasRoom) return;
    this.#forgetGone();
    for (const id of this.#changed) {
      const data = JSON.stringify(this.#recorder.get(id)?.summary);
      this.#controller.enqueue({ event: "exchange", data });
    }
    this.#changed.clear();
  }

  /** What the recorder has given up by now nobody could open. */
  #forgetGone(): void {
    for (const id of this.#changed) {
      if (!this.#recorder.get(id)) this.#changed.delete(id);
    }
  }
}
