/**
 * Handles clients that are slow, silent or gone, and sweeps all clocks of a
 * server.
 *
 * `ClientTimeouts` are those of one connection. They end its waits; send 100
 * Continue, to invite content or to find out whether a client that has sent FIN is
 * still there; and give up a client to make room for others.
 *
 * A timer for each wait would cost more than the wait itself. So a deadline is
 * a number, and one timer checks all of them ten times a second. Setting one
 * does not read the time either: it runs from the next sweep on. So it may fire
 * up to two sweeps late, never early.
 *
 * @module
 */
import { ConnectionLost, ProtocolError } from "../errors.ts";
import type { Timeouts } from "../limits.ts";
import type { ConnectionState } from "../observer.ts";
import type { ByteReader } from "../wire/byte_reader.ts";
import { CONTINUE } from "../wire/response_head.ts";
import { Roster, type Rostered } from "./roster.ts";
import type { WriteBuffer } from "./write_buffer.ts";

const SWEEP_INTERVAL = 100;

/** A clock that can be set and stopped. */
export interface Deadline {
  /**
   * Sets it to strike after a number of milliseconds, unless it is set again.
   */
  start(milliseconds: number): void;
  stop(): void;
  /** Whether it was set, and has neither struck nor been stopped. */
  readonly isRunning: boolean;
  /** Takes it out of the sweep for good. */
  release(): void;
}

/** The deadlines of a server. The timer runs only while there are any. */
export class Deadlines {
  #deadlines = new Roster<SweptDeadline>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #isReferenced = true;
  #firstSweep: AbortSignal | undefined;
  /** Milliseconds on a clock that is never set back. */
  readonly now: () => number;
  /** How many there have been. */
  sweeps = 0;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Makes a deadline, stopped, that will call `strike`. */
  create(strike: () => void): Deadline {
    const deadline = new SweptDeadline(strike, this);
    this.#deadlines.add(deadline);
    if (this.#firstSweep?.aborted) this.#startTimer();
    else this.#expectFirstSweep();
    return deadline;
  }

  /**
   * The first timer of a process takes Deno 10 ms to load. The first answer
   * should not wait for that; a signal with a timeout loads less.
   */
  #expectFirstSweep(): void {
    if (this.#firstSweep) return;
    this.#firstSweep = AbortSignal.timeout(SWEEP_INTERVAL);
    this.#firstSweep.onabort = () => {
      if (this.#deadlines.size > 0) this.#startTimer();
      this.sweep();
    };
  }

  #startTimer(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.sweep(), SWEEP_INTERVAL);
    if (!this.#isReferenced) Deno.unrefTimer(this.#timer);
  }

  /** Strikes the deadlines that have passed. */
  sweep(): void {
    this.sweeps++;
    const now = this.now();
    this.#deadlines.visit((deadline) => deadline.look(now));
  }

  /** Lets the timer keep the process alive, which it does by default. */
  ref(): void {
    this.#isReferenced = true;
    if (this.#timer !== undefined) Deno.refTimer(this.#timer);
  }

  /** Lets the process end although there are deadlines. */
  unref(): void {
    this.#isReferenced = false;
    if (this.#timer !== undefined) Deno.unrefTimer(this.#timer);
  }

  /** Takes a deadline out of the sweep for good. */
  release(deadline: SweptDeadline): void {
    this.#deadlines.delete(deadline);
    if (this.#deadlines.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

class SweptDeadline implements Deadline, Rostered {
  place = 0;
  #strike: () => void;
  #at = Infinity;
  /** How long it is to run from the next sweep on. */
  #wait: number | undefined;
  isRunning = false;
  #deadlines: Deadlines;

  constructor(strike: () => void, deadlines: Deadlines) {
    this.#strike = strike;
    this.#deadlines = deadlines;
  }

  release(): void {
    this.#deadlines.release(this);
  }

  start(milliseconds: number): void {
    this.#wait = milliseconds;
    this.#at = Infinity;
    this.isRunning = true;
  }

  stop(): void {
    this.#wait = undefined;
    this.#at = Infinity;
    this.isRunning = false;
  }

  look(now: number): void {
    if (this.#wait !== undefined) {
      this.#at = now + this.#wait;
      this.#wait = undefined;
    } else if (now >= this.#at) {
      this.stop();
      this.#strike();
    }
  }
}

/** How long (ms) a client may be slower than the rate before it counts. */
export const PATIENCE = 10_000;

/**
 * Whether a number of octets is too few for the milliseconds of waiting.
 *
 * @param rate The least average, in octets per second.
 */
export function isTooSlow(
  octets: number,
  waited: number,
  rate: number,
): boolean {
  return waited >= PATIENCE && octets * 1000 < rate * waited;
}

/** The part of a server that the clocks of its connections need. */
export interface TimedContext {
  readonly timeouts: Timeouts;
  readonly deadlines: Deadlines;
  /** Whether no more requests are to be waited for. */
  readonly isShuttingDown: boolean;
}

/** The part of a connection that its clocks need. */
export interface Timed {
  readonly state: ConnectionState;
  /** The number of the move to that state. */
  readonly since: number;
  readonly reader: ByteReader;
  readonly output: WriteBuffer;
  readonly context: TimedContext;
  /** How many octets had come in all when the head began. */
  readonly headStart: number;
  /** Whether an interim response may be sent to its client at this moment. */
  readonly takesInterim: boolean;
  close(): void;
}

/**
 * How long (ms) the client's octets are still read after our last. To close at
 * once would reset the connection, and destroy an answer that is on its way to
 * a client that is still sending (RFC 9112 §9.6).
 */
export const LINGER = 5000;

/**
 * How soon (ms) a client is asked after its FIN whether it is still there, once
 * more, and from then on. Most answers are there before the first.
 */
const FIRST_PROBE = 300;
const SECOND_PROBE = 100;
const LATER_PROBE = 5000;

/**
 * Sweeps for which a client that has sent nothing is called new: half a second,
 * and longer in a process that is held up, as its request may be here unread.
 */
const NEWCOMER = 5;

/** The clocks of one connection, and its watch over the client. */
export class ClientTimeouts {
  readonly read: Deadline;
  readonly write: Deadline;
  #connection: Timed;
  /** The number of the state that the clock of a wait was started for. */
  #timedState = 0;
  /** When the head began, as far as is known. */
  #headSince: number | undefined;
  #isWatching = false;
  /** Octets that the client had taken when it was last looked at. */
  #written = 0;
  /** Whether the client has sent FIN, and may be gone. */
  isHalfClosed = false;
  /** How often it was asked since then whether it is still there. */
  #probes = 0;
  /** The number of the sweep before it was accepted. */
  #acceptedAt: number;
  /** The time until a client that was given up, and told so, is closed. */
  #end: Deadline | undefined;

  constructor(connection: Timed) {
    const { deadlines } = connection.context;
    this.#connection = connection;
    this.#acceptedAt = deadlines.sweeps;
    this.read = deadlines.create(() => this.#readTimedOut());
    this.write = deadlines.create(() => connection.close());
  }

  release(): void {
    this.read.release();
    this.write.release();
    this.#end?.release();
  }

  // What guards the content: each read of it.

  get deadlines(): Deadlines {
    return this.#connection.context.deadlines;
  }

  get timeouts(): Timeouts {
    return this.#connection.context.timeouts;
  }

  flush(): Promise<void> {
    return this.#connection.output.flush();
  }

  interrupt(reason: Error): void {
    this.#connection.reader.interrupt(reason);
  }

  /** Sends 100 Continue, as long as there is no answer. */
  async invite(): Promise<void> {
    const { state, output } = this.#connection;
    if (state !== "handling") return;
    output.gatherText(CONTINUE);
    await output.flush();
  }

  /** From here on only the handler is waited for. */
  contentEnded(): void {
    const { state } = this.#connection;
    if (state === "handling" || state === "responding") this.watch();
  }

  // Making room for others.

  /** What the current request waits for its client to do, if anything. */
  get awaited(): "send" | "take" | undefined {
    const { state, output } = this.#connection;
    if (state !== "handling" && state !== "responding") return undefined;
    if (output.isWriting) return "take";
    // Its clock runs only while content is waited for, or after a FIN.
    return this.read.isRunning ? "send" : undefined;
  }

  /** Whether it was given up although its client can still be told so. */
  get isGivenUp(): boolean {
    return this.#end !== undefined;
  }

  /** Octets that the client has sent and taken. */
  get octets(): number {
    const { reader, output } = this.#connection;
    return reader.received + output.written;
  }

  /** Whether it has come just now, and its first request may be on its way. */
  get isNewcomer(): boolean {
    return this.#connection.state === "idle" &&
      this.deadlines.sweeps - this.#acceptedAt < NEWCOMER;
  }

  /** Gives up a client that is idle, slow or gone. */
  giveUp(): void {
    const { state, output, reader } = this.#connection;
    const isReading = state === "idle" || state === "reading head" ||
      state === "draining";
    if (this.isGivenUp && state !== "lingering") return;
    if (this.awaited === "send" && !this.isHalfClosed) this.#refuseContent();
    // A client that takes no answer can't be told anything either.
    else if (!isReading || output.isWriting) this.#connection.close();
    else reader.interrupt(new ConnectionLost("It was given up"));
  }

  /** Whatever the handler does then, the connection ends soon. */
  #refuseContent(): void {
    this.#end = this.deadlines.create(() => this.#connection.close());
    this.#end.start(LINGER);
    this.interrupt(
      new ProtocolError(
        408,
        "The request content came too slowly while others waited for a connection",
      ),
    );
  }

  // Waits.

  /**
   * Starts the clock of a wait for a request, or for more of a head: once only in
   * each state. Throws a ConnectionLost where there is to be no wait.
   */
  startWait(): void {
    const { state, since, context } = this.#connection;
    if (since === this.#timedState) return;
    const { timeouts, isShuttingDown } = context;
    if (state === "idle") {
      if (isShuttingDown) throw new ConnectionLost("The server shuts down");
      this.read.start(timeouts.idle);
    } else if (state === "reading head") {
      this.#headSince = undefined;
      this.read.start(this.#headPatience);
    } else return;
    this.#timedState = since;
  }

  /**
   * Watches the client while nothing is read, until octets come, or it is gone.
   *
   * One that breaks the connection is gone at once. One that sends FIN may have
   * gone as well, or may only have said its last word and wait for the answer.
   */
  async watch(): Promise<void> {
    if (this.#isWatching || this.isHalfClosed) return;
    this.#isWatching = true;
    try {
      const isOpen = await this.#connection.reader.watch();
      if (!isOpen && this.#isWatching) this.#halfClose();
    } catch {
      if (this.#isWatching) this.#connection.close();
    } finally {
      this.#isWatching = false;
    }
  }

  /** The result of a running watch no longer matters: other code handles it. */
  stopWatch(): void {
    this.#isWatching = false;
  }

  #halfClose(): void {
    this.isHalfClosed = true;
    if (this.#connection.takesInterim) this.read.start(FIRST_PROBE);
    else this.#waitForProgress();
  }

  #waitForProgress(): void {
    this.#written = this.#connection.output.written;
    this.read.start(this.timeouts.halfClosed);
  }

  /**
   * Asks a client that has sent FIN whether it is still there, as long as there is
   * no answer: the system of one that is gone resets the connection at the first
   * octet, so that the next can't be written; one that waits skips what it did not
   * ask for (RFC 9110 §15.2).
   */
  #probe(): void {
    const { output } = this.#connection;
    output.gatherText(CONTINUE);
    output.flush().catch(() => this.#connection.close());
    this.read.start(this.#probes++ === 0 ? SECOND_PROBE : LATER_PROBE);
  }

  #readTimedOut(): void {
    const { state, reader } = this.#connection;
    switch (state) {
      case "reading head":
        return this.#headTimedOut();
      case "handling":
      case "responding":
        if (this.isHalfClosed) return this.#halfClosedTimedOut();
        return reader.interrupt(
          new ProtocolError(408, "The request content came too slowly"),
        );
      case "upgraded":
        return;
      case "lingering":
        return this.#connection.close();
      default:
        reader.interrupt(new ConnectionLost("Nothing came in time"));
    }
  }

  #halfClosedTimedOut(): void {
    const { output, takesInterim } = this.#connection;
    if (takesInterim) return this.#probe();
    // While something is written, the clock of that runs.
    const hasProgress = output.isWriting || output.written !== this.#written;
    if (hasProgress) this.#waitForProgress();
    else this.#connection.close();
  }

  get #headPatience(): number {
    return Math.min(this.#connection.context.timeouts.head, PATIENCE);
  }

  /** A head may take its time while it comes fast enough. */
  #headTimedOut(): void {
    const { reader, headStart, context: { timeouts, deadlines } } =
      this.#connection;
    const now = deadlines.now();
    this.#headSince ??= now - this.#headPatience;
    const waited = now - this.#headSince;
    const octets = reader.received - headStart;
    if (waited < timeouts.head && !isTooSlow(octets, waited, timeouts.rate)) {
      return this.read.start(Math.min(1000, timeouts.head - waited));
    }
    reader.interrupt(
      new ProtocolError(408, "The request head came too slowly"),
    );
  }
}
