/**
 * The way out of a connection: octets are gathered, then written together.
 *
 * The answers to a pipeline of requests go out in one write, which is several
 * times cheaper than one each. Whoever is about to wait flushes first.
 *
 * @module
 */
import { concat } from "@std/bytes/concat";
import { ConnectionLost } from "../errors.ts";
import type { Deadline } from "./deadlines.ts";
import type { Transport } from "./socket.ts";

/** Past this, gathering more would only delay what is there. */
const ENOUGH = 64 * 1024;

/** Gathers octets for a transport and writes them in order. */
export class Outbox {
  #transport: Transport;
  #deadline: Deadline;
  #timeout: number;
  #gathered: Uint8Array[] = [];
  #size = 0;
  #flushing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #afterFlush: ((error?: unknown) => void)[] = [];

  /** Each partial write must be done before `timeout` (ms) has passed. */
  constructor(transport: Transport, deadline: Deadline, timeout: number) {
    this.#transport = transport;
    this.#deadline = deadline;
    this.#timeout = timeout;
  }

  /** Whether nothing was gathered that is not flushed. */
  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Whether so much was gathered that it should be flushed. */
  get isFull(): boolean {
    return this.#size >= ENOUGH;
  }

  /** Octets written in all. */
  written = 0;

  /** Whether a write is under way. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  /**
   * Calls back once all that was gathered until now has been written; with the
   * reason, if it can't be.
   */
  afterFlush(callback: (error?: unknown) => void): void {
    if (this.isEmpty && !this.#isWriting) callback();
    else this.#afterFlush.push(callback);
  }

  /** Gives up what was gathered. */
  abandon(reason: unknown): void {
    const callbacks = this.#afterFlush;
    this.#afterFlush = [];
    callbacks.forEach((callback) => callback(reason));
  }

  /** Gathers octets, which must not change until they are flushed. */
  gather(octets: Uint8Array): void {
    this.#gathered.push(octets);
    this.#size += octets.length;
  }

  /**
   * Writes what was gathered. Throws a ConnectionLost when the peer is gone or
   * does not read.
   */
  flush(): Promise<void> {
    if (!this.isEmpty) {
      this.#flushing = this.#flushing.then(() => this.#writeGathered());
      // Somebody awaits it, but perhaps too late for the runtime, which ends
      // the process at a rejection that nobody has seen.
      this.#flushing.catch(() => {});
    }
    return this.#flushing;
  }

  async #writeGathered(): Promise<void> {
    const callbacks = this.#afterFlush;
    this.#afterFlush = [];
    this.#isWriting = true;
    try {
      await this.#writeAll(this.#takeGathered());
      callbacks.forEach((callback) => callback());
    } catch (cause) {
      const message = "The client does not take the answer";
      const error = new ConnectionLost(message, { cause });
      callbacks.forEach((callback) => callback(error));
      throw error;
    } finally {
      this.#isWriting = false;
      this.#deadline.stop();
    }
  }

  async #writeAll(octets: Uint8Array): Promise<void> {
    while (octets.length > 0) {
      this.#deadline.start(this.#timeout);
      const count = await this.#transport.write(octets);
      this.written += count;
      octets = octets.subarray(count);
    }
  }

  #takeGathered(): Uint8Array {
    const parts = this.#gathered;
    this.#gathered = [];
    this.#size = 0;
    return parts.length === 1 ? parts[0] : concat(parts);
  }
}
