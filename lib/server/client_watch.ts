/**
 * Looks after a client while the handler is at work and nothing is read.
 *
 * A client that breaks the connection is gone at once. One that sends FIN may
 * have gone as well, or may only have said its last word and wait for the
 * answer: nobody can tell, so it is waited for no longer than an idle one.
 *
 * @module
 */
import type { ByteReader } from "../wire/byte_reader.ts";
import type { Deadline } from "./deadlines.ts";
import type { WriteBuffer } from "./write_buffer.ts";

/** What a watch needs. */
export interface Watched {
  reader: ByteReader;
  outbox: WriteBuffer;
  readDeadline: Deadline;
  /** How long (ms) a client that sent FIN is served without any progress. */
  patience: number;
  /** Called when the client is gone. */
  onGone: () => void;
}

/** The watch over one client. */
export class ClientWatch {
  #watched: Watched;
  #isOn = false;
  #written = 0;
  /** Whether the client has sent FIN. */
  isHalfClosed = false;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Watches until octets come, or the client is gone. */
  async start(): Promise<void> {
    if (this.#isOn || this.isHalfClosed) return;
    this.#isOn = true;
    try {
      if (!await this.#watched.reader.watch()) this.#halfClose();
    } catch {
      this.#watched.onGone();
    } finally {
      this.#isOn = false;
    }
  }

  /** To be called when the clock that a FIN has wound strikes. */
  timedOut(): void {
    if (this.#watched.outbox.written === this.#written) this.#watched.onGone();
    else this.#wind();
  }

  #halfClose(): void {
    this.isHalfClosed = true;
    this.#wind();
  }

  #wind(): void {
    const { outbox, readDeadline, patience } = this.#watched;
    this.#written = outbox.written;
    readDeadline.start(patience);
  }
}
