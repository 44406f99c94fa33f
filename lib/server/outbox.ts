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
    let octets = this.#takeGathered();
    try {
      while (octets.length > 0) {
        this.#deadline.start(this.#timeout);
        const count = await this.#transport.write(octets);
        octets = octets.subarray(count);
      }
    } catch (cause) {
      throw new ConnectionLost("The client does not take the answer", {
        cause,
      });
    } finally {
      this.#deadline.stop();
    }
  }

  #takeGathered(): Uint8Array {
    const parts = this.#gathered;
    this.#gathered = [];
    this.#size = 0;
    return parts.length === 1 ? parts[0] : concat(parts);
  }
}
