/**
 * The output buffer of a connection: octets are gathered, then written
 * together.
 *
 * The answers to a pipeline of requests are sent in one write, which is several
 * times cheaper than one each. Code that is about to wait flushes first.
 *
 * Small pieces are copied into one buffer, so that they make one write; large
 * ones are written from where they are. A connection that has nothing to send
 * has no buffer and no lists.
 *
 * @module
 */
import { ConnectionLost } from "../errors.ts";
import { SMALL_BUFFER } from "../transfer_buffer.ts";
import { CR, encodeLatin1, LF } from "../wire/grammar.ts";
import type { Transport } from "./transport.ts";

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

/** It strikes where a client takes nothing for too long. */
export interface WriteClock {
  start(milliseconds: number): void;
  stop(): void;
}

/** Listens for whether octets reached the client's machine. */
export interface FlushListener {
  /** Called once; with the reason, if they cannot be written. */
  complete(error?: unknown): void;
}

/** Gathers octets for a transport and writes them in order. */
export class WriteBuffer {
  #transport: Transport;
  #clock: WriteClock;
  #timeout: number;
  /** Pieces to write before what is in the buffer. */
  #pieces: Uint8Array[] | undefined;
  #buffer: Uint8Array<ArrayBuffer> | undefined;
  /** Full ones, which the pieces lie in. */
  #fullBuffers: Uint8Array<ArrayBuffer>[] | undefined;
  /** What of the buffer is in use: from the last piece's end on. */
  #start = 0;
  #end = 0;
  #size = 0;
  #isDue = false;
  #writing: Promise<void> | undefined;
  /** Why nothing more is written, once that is so. */
  #failure: unknown;
  /** Most often there is one, and one at a time. */
  #listener: FlushListener | undefined;
  #moreListeners: FlushListener[] | undefined;

  /** Each partial write must be done before `timeout` (ms) has passed. */
  constructor(transport: Transport, clock: WriteClock, timeout: number) {
    this.#transport = transport;
    this.#clock = clock;
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

  /** Whether a write is in progress. */
  get isWriting(): boolean {
    return this.#writing !== undefined;
  }

  /** Tells a listener once all that was gathered until now has been written. */
  afterFlush(listener: FlushListener): void {
    if (this.#failure !== undefined) listener.complete(this.#failure);
    else if (this.isIdle) listener.complete();
    else if (!this.#listener) this.#listener = listener;
    else (this.#moreListeners ??= []).push(listener);
  }

  /** Gives up what was gathered. */
  abandon(reason: unknown): void {
    this.#failure ??= reason;
    tell(this.#takeListeners(), reason);
  }

  /** Gathers octets. Large pieces must not change until they are flushed. */
  gather(octets: Uint8Array): void {
    const { length } = octets;
    if (length < SMALL) {
      this.reserve(length).set(octets, this.#end);
      this.commit(this.#end + length);
    } else {
      this.#gatherPiece(octets);
    }
  }

  /** Gathers octets that are given as text, a character for each. */
  gatherText(text: string): void {
    const { length } = text;
    if (length > SMALL) return this.#gatherPiece(encodeLatin1(text));
    const buffer = this.reserve(length);
    const room = buffer.subarray(this.#end, this.#end + length);
    // Several times faster, but for ASCII alone: of other characters UTF-8 makes
    // more octets than there is room for.
    if (encoder.encodeInto(text, room).read < length) {
      room.set(encodeLatin1(text));
    }
    this.commit(this.#end + length);
  }

  /**
   * Makes room for up to `most` octets, at most 16 KiB, to be written from
   * {@linkcode next} on. They are gathered by {@linkcode commit}.
   */
  reserve(most: number): Uint8Array {
    if (!this.#buffer || this.#end + most > BUFFER) {
      if (this.#buffer) {
        this.#seal();
        (this.#fullBuffers ??= []).push(this.#buffer);
      }
      this.#buffer = spareBuffers.pop() ?? new Uint8Array(BUFFER);
      this.#start = 0;
      this.#end = 0;
    }
    return this.#buffer;
  }

  /** Where in the reserved buffer the next octet goes. */
  get next(): number {
    return this.#end;
  }

  /** Gathers what was written into the reserved buffer, up to `end`. */
  commit(end: number): void {
    const count = end - this.#end;
    this.#end = end;
    this.#size += count;
    this.gathered += count;
  }

  /**
   * Writes what was gathered. Throws a ConnectionLost when the peer is gone or
   * does not read.
   */
  flush(): Promise<void> {
    this.#isDue = this.#size > 0;
    if (this.#isDue && !this.#writing) {
      this.#writing = this.#write();
      // It is awaited, but perhaps too late for the runtime, which ends the
      // process at an unhandled rejection.
      this.#writing.catch(() => {});
    }
    return this.#writing ?? nothingToDo;
  }

  /**
   * Writes what was gathered, and tells the peer that no more will come. Throws
   * as `flush` does.
   */
  async end(): Promise<void> {
    await this.flush();
    this.#clock.start(this.#timeout);
    try {
      await this.#transport.closeWrite();
    } catch (cause) {
      throw new ConnectionLost("The client is gone", { cause });
    } finally {
      this.#clock.stop();
    }
  }

  async #write(): Promise<void> {
    try {
      while (this.#isDue) {
        this.#isDue = false;
        this.#seal();
        const pieces = this.#pieces!;
        const buffer = this.#buffer;
        const fullBuffers = this.#fullBuffers;
        const listeners = this.#takeListeners();
        this.#pieces = undefined;
        this.#buffer = undefined;
        this.#fullBuffers = undefined;
        this.#size = 0;
        try {
          for (let piece of pieces) {
            while (piece.length > 0) {
              this.#clock.start(this.#timeout);
              const count = await this.#transport.write(piece);
              this.written += count;
              piece = piece.subarray(count);
            }
          }
        } catch (cause) {
          const message = "The client does not take the answer";
          const error = new ConnectionLost(message, { cause });
          this.#failure ??= error;
          tell(listeners, error);
          throw error;
        } finally {
          this.#clock.stop();
        }
        tell(listeners);
        if (buffer) giveBack(buffer);
        fullBuffers?.forEach(giveBack);
      }
    } finally {
      this.#writing = undefined;
    }
  }

  #gatherPiece(octets: Uint8Array): void {
    this.#seal();
    (this.#pieces ??= []).push(octets);
    this.#size += octets.length;
    this.gathered += octets.length;
  }

  /** Makes a piece of what is new in the buffer. */
  #seal(): void {
    if (!this.#buffer || this.#start === this.#end) return;
    (this.#pieces ??= []).push(this.#buffer.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }

  #takeListeners(): FlushListeners {
    const listeners = { first: this.#listener, more: this.#moreListeners };
    this.#listener = undefined;
    this.#moreListeners = undefined;
    return listeners;
  }
}

interface FlushListeners {
  first: FlushListener | undefined;
  more: FlushListener[] | undefined;
}

const nothingToDo = Promise.resolve();

function tell({ first, more }: FlushListeners, error?: unknown): void {
  first?.complete(error);
  more?.forEach((listener) => listener.complete(error));
}

/** What is too many is freed at once: garbage is collected late. */
function giveBack(buffer: Uint8Array<ArrayBuffer>): void {
  if (spareBuffers.length < MOST_SPARE) spareBuffers.push(buffer);
  else buffer.buffer.transfer(0);
}

/** Puts decimal digits and the end of the line. @returns where they end. */
export function putLength(
  length: number,
  octets: Uint8Array,
  start: number,
): number {
  let end = start + 1;
  for (let rest = length; rest > 9; rest = Math.floor(rest / 10)) end++;
  let rest = length;
  for (let at = end - 1; at >= start; at--) {
    octets[at] = ZERO + rest % 10;
    rest = Math.floor(rest / 10);
  }
  octets[end] = CR;
  octets[end + 1] = LF;
  return end + 2;
}

const ZERO = 0x30;

/** Characters past which an encoder is faster, though it has to be called. */
const LONG = 128;

/** Puts text. @returns where it ends; -1 if not all of it is ASCII. */
export function putAscii(
  text: string,
  octets: Uint8Array,
  start: number,
): number {
  const end = start + text.length;
  if (text.length > LONG) {
    // Of other characters there is room for fewer than all.
    const { read } = encoder.encodeInto(text, octets.subarray(start, end));
    return read === text.length ? end : -1;
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) return -1;
    octets[start + at] = code;
  }
  return end;
}
