/**
 * Sends the exchanges of a recorder as server-sent events (HTML Standard §9.2):
 * each as it is now, and again whenever it changes. A client that reads too
 * slowly costs no memory; it misses intermediate steps, but never the end of an
 * exchange.
 *
 * @module
 */

import {
  type ServerSentEventMessage,
  ServerSentEventStream,
} from "@std/http/server-sent-event-stream";
import type { Recorder } from "./recorder.ts";

type Controller = ReadableStreamDefaultController<ServerSentEventMessage>;

/**
 * Milliseconds for which changes are collected; faster updates would not be
 * noticed.
 */
const PAUSE = 50;
/** Milliseconds without an event after which an empty one is sent. */
const HEARTBEAT = 15_000;
/** The number of changes at which useless ones are dropped. */
const MOST_CHANGED = 1000;

/** The events for one browser. */
export class ExchangeEvents {
  #recorder: Recorder;
  #onEnd: () => void;
  /** The numbers of the exchanges that changed. */
  #changed = new Set<number>();
  #controller!: Controller;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #unlisten = () => {};

  /** @param onEnd Called when the browser has left, or after `end()`. */
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

  /**
   * Drops exchanges that the recorder no longer keeps: they could not be
   * opened.
   */
  #forgetGone(): void {
    for (const id of this.#changed) {
      if (!this.#recorder.get(id)) this.#changed.delete(id);
    }
  }
}
