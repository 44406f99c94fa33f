/**
 * The way out of a connection: octets are gathered, then written together.
 *
 * The answers to a pipeline of requests go out in one write, which is several
 * times cheaper than one each. Whoever is about to wait flushes first.
 *
 * Pieces that are small are copied into one buffer, so that they make one write;
 * large ones are written from where they are.
 *
 * @module
 */
import { ConnectionLost } from "../errors.ts";
import { SMALL_BUFFER } from "../transfer_buffer.ts";
import { encodeLatin1 } from "../wire/grammar.ts";
import type { Deadline } from "./deadlines.ts";
import type { Transport } from "./socket.ts";

/** Past this, gathering more would only delay what is there. */
const ENOUGH = 64 * 1024;
/**
 * A piece of fewer octets is copied. Not one that fills the buffer of a slow
 * client: with the copy that client would hold three times as much.
 */
const SMALL = SMALL_BUFFER;
const BUFFER = 16 * 1024;

/** Buffers that no one uses; a connection has one only while it sends. */
const spareBuffers: Uint8Array<ArrayBuffer>[] = [];
const MOST_SPARE = 64;

const encoder = new TextEncoder();

/** Whoever wants to know whether octets reached the client's machine. */
export interface Listener {
  /** Said once; with the reason, if they can't be written. */
  complete(error?: unknown): void;
}

/** Gathers octets for a transport and writes them in order. */
export class Outbox {
  #transport: Transport;
  #deadline: Deadline;
  #timeout: number;
  /** Pieces to write before what is in the buffer. */
  #pieces: Uint8Array[] = [];
  #buffer: Uint8Array<ArrayBuffer> | undefined;
  /** Those that the pieces lie in. */
  #buffers: Uint8Array<ArrayBuffer>[] = [];
  /** What of the buffer is in use: from the last piece's end on. */
  #start = 0;
  #end = 0;
  #size = 0;
  #isDue = false;
  #writing: Promise<void> | undefined;
  #listeners: Listener[] = [];

  /** Each partial write must be done before `timeout` (ms) has passed. */
  constructor(transport: Transport, deadline: Deadline, timeout: number) {
    this.#transport = transport;
    this.#deadline = deadline;
    this.#timeout = timeout;
  }

  /** Whether nothing is gathered, and nothing being written. */
  get isIdle(): boolean {
    return this.#size === 0 && this.#writing === undefined;
  }

  /** Whether so much was gathered that it should be flushed. */
  get isFull(): boolean {
    return this.#size >= ENOUGH;
  }

  /** Octets written in all. */
  written = 0;

  /** Octets gathered in all. */
  gathered = 0;

  /** Whether a write is under way. */
  get isWriting(): boolean {
    return this.#writing !== undefined;
  }

  /** Tells a listener once all that was gathered until now has been written. */
  afterFlush(listener: Listener): void {
    if (this.isIdle) listener.complete();
    else this.#listeners.push(listener);
  }

  /** Gives up what was gathered. */
  abandon(reason: unknown): void {
    tell(this.#takeListeners(), reason);
  }

  /** Gathers octets. Large pieces must not change until they are flushed. */
  gather(octets: Uint8Array): void {
    this.#size += octets.length;
    this.gathered += octets.length;
    if (octets.length < SMALL) {
      const at = this.#reserve(octets.length);
      this.#buffer!.set(octets, at);
    } else {
      this.#seal();
      this.#pieces.push(octets);
    }
  }

  /** Gathers octets that are given as text, a character for each. */
  gatherText(text: string): void {
    if (text.length > SMALL) return this.gather(encodeLatin1(text));
    this.#size += text.length;
    this.gathered += text.length;
    const from = this.#reserve(text.length);
    const room = this.#buffer!.subarray(from, from + text.length);
    // Several times faster, but for ASCII alone: of other characters UTF-8 makes
    // more octets than there is room for.
    if (encoder.encodeInto(text, room).read < text.length) {
      room.set(encodeLatin1(text));
    }
  }

  /**
   * Writes what was gathered. Throws a ConnectionLost when the peer is gone or
   * does not read.
   */
  flush(): Promise<void> {
    this.#isDue = this.#size > 0;
    if (this.#isDue && !this.#writing) {
      this.#writing = this.#write();
      // Somebody awaits it, but perhaps too late for the runtime, which ends
      // the process at a rejection that nobody has seen.
      this.#writing.catch(() => {});
    }
    return this.#writing ?? nothingToDo;
  }

  /**
   * Writes what was gathered, and tells the peer that no more will come. Throws
   * what `flush` throws, for as good a reason.
   */
  async end(): Promise<void> {
    await this.flush();
    this.#deadline.start(this.#timeout);
    try {
      await this.#transport.closeWrite();
    } catch (cause) {
      throw new ConnectionLost("The client is gone", { cause });
    } finally {
      this.#deadline.stop();
    }
  }

  async #write(): Promise<void> {
    try {
      while (this.#isDue) {
        this.#isDue = false;
        await this.#writeGathered();
      }
    } finally {
      this.#writing = undefined;
    }
  }

  async #writeGathered(): Promise<void> {
    this.#seal();
    const pieces = this.#pieces;
    const buffers = this.#buffers;
    const listeners = this.#takeListeners();
    this.#pieces = [];
    this.#buffers = [];
    this.#buffer = undefined;
    this.#size = 0;
    try {
      for (let piece of pieces) {
        while (piece.length > 0) {
          this.#deadline.start(this.#timeout);
          const count = await this.#transport.write(piece);
          this.written += count;
          piece = piece.subarray(count);
        }
      }
    } catch (cause) {
      const message = "The client does not take the answer";
      const error = new ConnectionLost(message, { cause });
      tell(listeners, error);
      throw error;
    } finally {
      this.#deadline.stop();
    }
    tell(listeners);
    giveBack(buffers);
  }

  /** Makes room in a buffer. @returns where it begins. */
  #reserve(length: number): number {
    if (!this.#buffer || this.#end + length > BUFFER) {
      this.#seal();
      this.#buffer = spareBuffers.pop() ?? new Uint8Array(BUFFER);
      this.#buffers.push(this.#buffer);
      this.#start = 0;
      this.#end = 0;
    }
    this.#end += length;
    return this.#end - length;
  }

  /** Makes a piece of what is new in the buffer. */
  #seal(): void {
    if (!this.#buffer || this.#start === this.#end) return;
    this.#pieces.push(this.#buffer.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }

  #takeListeners(): Listener[] {
    const listeners = this.#listeners;
    if (listeners.length > 0) this.#listeners = [];
    return listeners;
  }
}

const nothingToDo = Promise.resolve();

function tell(listeners: Listener[], error?: unknown): void {
  for (const listener of listeners) listener.complete(error);
}

/** What is too many is freed at once: garbage is collected late. */
function giveBack(buffers: Uint8Array<ArrayBuffer>[]): void {
  for (const buffer of buffers) {
    if (spareBuffers.length < MOST_SPARE) spareBuffers.push(buffer);
    else buffer.buffer.transfer(0);
  }
}
