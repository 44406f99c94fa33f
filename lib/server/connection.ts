/**
 * One connection, from its first octet to its last.
 *
 * In: a `Transport`. Out: the answers to the requests that come on it, one after
 * the other. `request_cycle.ts` serves them; here is what goes on around: when
 * to begin and to end, and what to do about a client that is too slow.
 *
 * @module
 */
import { ConnectionLost, ProtocolError } from "../errors.ts";
import type { ConnectionObserver, Position } from "../observer.ts";
import { ByteReader } from "../wire/byte_reader.ts";
import { ClientWatch } from "./client_watch.ts";
import { ConnectionState } from "./connection_state.ts";
import { type Deadline, isTooSlow, PATIENCE } from "./deadlines.ts";
import type { Fairness } from "./fairness.ts";
import { observed } from "./observed_transport.ts";
import { WriteBuffer } from "./write_buffer.ts";
import { report } from "./report.ts";
import { type CycleContext, RequestCycle } from "./request_cycle.ts";
import type { Transport } from "./socket.ts";
import type { Awaited, Transfer } from "./transfer_speed.ts";

/** What all connections of a server share. */
export interface ConnectionContext extends CycleContext {
  fairness: Fairness;
}

/**
 * How long (ms) the client's octets are still read after our last. To close at
 * once would reset the connection, and destroy an answer that is on its way to
 * a client that is still sending (RFC 9112 §9.6).
 */
const LINGER = 5000;

/** How long (ms) a client may take for its first octet and be called new. */
const NEWCOMER = 500;

/** Serves the requests of one connection, one after the other. */
export class Connection implements Transfer {
  /** What it is at, and since when. */
  readonly state: ConnectionState;
  #transport: Transport;
  #context: ConnectionContext;
  #reader: ByteReader;
  #outbox: WriteBuffer;
  #watch: ClientWatch;
  #cycle: RequestCycle;
  #readDeadline: Deadline;
  #writeDeadline: Deadline;
  /** Of one that was given up, and told so. */
  #endDeadline: Deadline | undefined;
  #closed = Promise.withResolvers<void>();
  /** The number of the state that its clock was started for. */
  #timedState = 0;
  /** When the head began, as far as is known. */
  #headSince: number | undefined;
  #acceptedAt: number;

  constructor(
    plain: Transport,
    context: ConnectionContext,
    observer?: ConnectionObserver,
  ) {
    const { deadlines, timeouts } = context;
    const transport = observer
      ? observed(plain, observer, () => this.#position)
      : plain;
    this.#transport = transport;
    this.#context = context;
    this.#acceptedAt = deadlines.now();
    this.state = new ConnectionState(
      observer && ((state) => observer.moved(state, this.#position)),
    );
    this.#readDeadline = deadlines.create(() => this.#readTimedOut());
    this.#writeDeadline = deadlines.create(() => this.close());
    this.#outbox = new WriteBuffer(
      transport,
      this.#writeDeadline,
      timeouts.write,
    );
    this.#reader = new ByteReader(
      transport.readable,
      () => this.#beforeWait(),
    );
    this.#watch = new ClientWatch({
      reader: this.#reader,
      outbox: this.#outbox,
      readDeadline: this.#readDeadline,
      patience: timeouts.idle,
      onGone: () => this.close(),
    });
    this.#cycle = new RequestCycle({
      context,
      transport,
      state: this.state,
      reader: this.#reader,
      outbox: this.#outbox,
      watch: this.#watch,
      readDeadline: this.#readDeadline,
    });
  }

  get #position(): Position {
    const { received, buffered } = this.#reader;
    return { received: received - buffered, sent: this.#outbox.gathered };
  }

  /** Whether it was accepted just now, and its first request may be on its way. */
  get isNewcomer(): boolean {
    return this.state.name === "idle" &&
      this.#context.deadlines.now() - this.#acceptedAt < NEWCOMER;
  }

  /** Whether the client has sent FIN, and may be gone. */
  get isHalfClosed(): boolean {
    return this.#watch.isHalfClosed;
  }

  /** Octets that the client has sent and taken. */
  get octets(): number {
    return this.#reader.received + this.#outbox.written;
  }

  /** What the request at work waits for its client to do, if for anything. */
  get awaited(): Awaited | undefined {
    const { name } = this.state;
    if (name !== "handling" && name !== "responding") return undefined;
    if (this.#outbox.isWriting) return "take";
    // Its clock runs only while content is waited for, or after a FIN.
    return this.#readDeadline.isRunning ? "send" : undefined;
  }

  /** Whether it was given up although its client can still be told so. */
  get isGivenUp(): boolean {
    return this.#endDeadline !== undefined;
  }

  /** Serves until one side has had enough. Never rejects. */
  async run(): Promise<void> {
    try {
      await Promise.race([this.#serve(), this.#closed.promise]);
    } catch (error) {
      // What the client did wrong, or that it left, is no error of ours.
      const isOurs = !(error instanceof ConnectionLost) &&
        !(error instanceof ProtocolError);
      if (isOurs) report(error, this.#cycle.request);
      // Earlier answers of a pipeline are whole, whatever became of the last.
      await this.#outbox.flush().catch(() => {});
    } finally {
      this.close();
      this.#readDeadline.release();
      this.#writeDeadline.release();
      this.#endDeadline?.release();
    }
  }

  async #serve(): Promise<void> {
    while (this.#reader.hasMessage() || await this.#reader.awaitMessage()) {
      const serving = this.#cycle.serve();
      if (!(serving instanceof Promise ? await serving : serving)) break;
      const turn = this.#context.fairness.overdueTurn;
      if (turn) await turn;
    }
    // Whoever took it over has ended it, too.
    if (this.state.name !== "upgraded") await this.#linger();
  }

  /** Lets the connection keep the process alive, which it does by default. */
  ref(): void {
    this.#transport.ref?.();
  }

  /** Lets the process end although there is a connection. */
  unref(): void {
    this.#transport.unref?.();
  }

  /** Gives up a connection whose client is idle, slow or gone. */
  evict(): void {
    const { name } = this.state;
    const isReading = name === "idle" || name === "reading head" ||
      name === "draining";
    if (this.isGivenUp && name !== "lingering") return;
    if (this.awaited === "send" && !this.isHalfClosed) this.#refuseContent();
    // A client that takes no answer can't be told anything either.
    else if (!isReading || this.#outbox.isWriting) this.close();
    else this.#reader.interrupt(new ConnectionLost("It was given up"));
  }

  /** Whatever the handler does then, the connection ends soon. */
  #refuseContent(): void {
    this.#endDeadline = this.#context.deadlines.create(() => this.close());
    this.#endDeadline.start(LINGER);
    this.#reader.interrupt(
      new ProtocolError(
        408,
        "The request content came too slowly while others waited for a connection",
      ),
    );
  }

  /** Ends it at once, whatever it is at; a handler at work is not waited for. */
  close(): void {
    const { name } = this.state;
    if (name === "closed") return;
    this.state.move("closed");
    this.#transport.close();
    this.#closed.resolve();
    if (name === "handling" || name === "responding") this.#cycle.abort();
    // Most often there is nobody to tell, and an Error costs more than the rest.
    if (!this.#cycle.body && this.#outbox.isIdle) return;
    const reason = new ConnectionLost("The connection was closed");
    this.#cycle.body?.cancel(reason);
    this.#outbox.abandon(reason);
  }

  /** Sends FIN at once, then waits for the client's. */
  async #linger(): Promise<void> {
    await this.#outbox.flush();
    this.state.move("lingering");
    this.#context.onRest();
    await this.#outbox.end();
    this.#readDeadline.start(LINGER);
    while (await this.#reader.readSome(Infinity));
  }

  /** Whoever waits for the client sends first; then a clock runs. */
  #beforeWait(): Promise<void> | void {
    if (this.#outbox.isIdle) this.#startClock();
    else return this.#outbox.flush().then(() => this.#startClock());
  }

  /** Of a wait for a request, or for more of a head. Once only in each state. */
  #startClock(): void {
    const { name, since } = this.state;
    if (since === this.#timedState) return;
    if (name === "idle") {
      if (this.#context.isShuttingDown()) {
        throw new ConnectionLost("The server shuts down");
      }
      this.#readDeadline.start(this.#context.timeouts.idle);
    } else if (name === "reading head") {
      this.#headSince = undefined;
      this.#readDeadline.start(this.#headPatience);
    } else return;
    this.#timedState = since;
  }

  get #headPatience(): number {
    return Math.min(this.#context.timeouts.head, PATIENCE);
  }

  /** What to do about a client that is too slow depends on what it owes. */
  #readTimedOut(): void {
    switch (this.state.name) {
      case "reading head":
        return this.#headTimedOut();
      case "handling":
      case "responding":
        if (this.isHalfClosed) return this.#watch.timedOut();
        return this.#reader.interrupt(
          new ProtocolError(408, "The request content came too slowly"),
        );
      case "upgraded":
        return;
      case "lingering":
        return this.close();
      default:
        this.#reader.interrupt(new ConnectionLost("Nothing came in time"));
    }
  }

  /** A head may take its time while it comes fast enough. */
  #headTimedOut(): void {
    const { timeouts, deadlines } = this.#context;
    const now = deadlines.now();
    this.#headSince ??= now - this.#headPatience;
    const waited = now - this.#headSince;
    const octets = this.#reader.received - this.#cycle.headStart;
    if (waited < timeouts.head && !isTooSlow(octets, waited, timeouts.rate)) {
      return this.#readDeadline.start(Math.min(1000, timeouts.head - waited));
    }
    this.#reader.interrupt(
      new ProtocolError(408, "The request head came too slowly"),
    );
  }
}
