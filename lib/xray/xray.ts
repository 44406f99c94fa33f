/**
 * The X-ray of a server: answers, live, the page that shows what its recorder
 * has seen. It answers only to names of this machine, and does not know how the
 * page looks.
 *
 * @module
 */

import { hostOf, isLoopbackHost } from "../authority.ts";
import { HttpError } from "../errors.ts";
import type { Handler, RouteHandler } from "../handler.ts";
import type { Observer } from "../observer.ts";
import { FIRST_EVENTS } from "./connection_log.ts";
import { ExchangeEvents } from "./exchange_events.ts";
import { type Limits, resolveLimits } from "../limits.ts";
import { dissectExchange } from "./outcome.ts";
import type { RecordedExchange } from "./recorded_exchange.ts";
import { Recorder } from "./recorder.ts";
import { replayHead } from "./replay.ts";

/** How typed octets are sent. */
export interface Manner {
  /**
   * Before which octets to wait for an answer to those before them, in
   * ascending order.
   */
  waits: number[];
  /**
   * After the last octet: the client says that it sends no more and reads on,
   * keeps quiet until the server has nothing more to say, or is gone.
   */
  end: "half-close" | "stay" | "hang-up";
}

/** Passes octets to the server as if a client had sent them. */
export type SendOctets = (
  octets: ReadableStream<Uint8Array>,
  client: string,
  manner: Manner,
) => Promise<Uint8Array>;

/** The X-ray, which the application connects to the server and its routes. */
export class Xray {
  /** Sends typed requests. Set it before the first request. */
  send: SendOctets = () => Promise.reject(new HttpError(503, "Not ready yet"));
  #limits: Limits;
  #recorder = new Recorder(isOwn);
  #watching = new Set<ExchangeEvents>();
  #typed = 0;

  /** @param limits Those of the server, for the replay of its parser. */
  constructor({ limits }: { limits?: Partial<Limits> } = {}) {
    this.#limits = resolveLimits(limits);
  }

  /** The observer to give to the server. */
  get observer(): Observer {
    return this.#recorder;
  }

  /** The exchanges that are kept, oldest first. */
  get exchanges(): RecordedExchange[] {
    return this.#recorder.exchanges;
  }

  /** Ends the event streams, which would keep a server from shutting down. */
  close(): void {
    for (const events of this.#watching) events.end();
  }

  /** Answers `GET /xray` with the page that `makePage` makes. */
  page(makePage: Handler): Handler {
    return (request, info) => {
      refuseOtherHost(request);
      return makePage(request, info);
    };
  }

  /** A handler that answers only to names of this machine. */
  onlyHere(handler: RouteHandler): RouteHandler {
    return (request, info, match) => {
      refuseOtherHost(request);
      return handler(request, info, match);
    };
  }

  /**
   * Answers `GET /xray/events` with each exchange, when it begins and when it
   * changes.
   */
  readonly events: Handler = (request) => {
    refuseOtherHost(request);
    const events = new ExchangeEvents(
      this.#recorder,
      () => this.#watching.delete(events),
    );
    this.#watching.add(events);
    return new Response(events.open(), {
      headers: {
        "cache-control": "no-store",
        "content-type": "text/event-stream",
      },
    });
  };

  /** Answers `GET /xray/exchanges/:id` with all that is kept of it. */
  readonly exchange: RouteHandler = (request, _info, match) => {
    const exchange = this.#find(request, match);
    const { summary, stages } = exchange;
    const parts = dissectExchange(exchange);
    return Response.json({
      ...summary,
      stages,
      messages: (["request", "response"] as const).map((side) => {
        const { octets, length } = exchange[side];
        const base64 = octets.toBase64();
        return { side, length, octets: base64, parts: parts[side] };
      }),
    }, noStore);
  };

  /**
   * Answers `GET /xray/exchanges/:id/replay` with the way of the parser through
   * the head of its request.
   */
  readonly replay: RouteHandler = (request, _info, match) => {
    const { octets } = this.#find(request, match).request;
    return Response.json(replayHead(octets, this.#limits), noStore);
  };

  /**
   * Answers `GET /xray/exchanges/:id/connection` with what happened on its
   * connection, before it and after it.
   */
  readonly connection: RouteHandler = (request, _info, match) => {
    const { connection, client, log } = this.#find(request, match);
    const exchanges = this.#recorder.exchanges
      .filter((other) => other.connection === connection)
      .map(({ summary }) => summary);
    const { opened, events, dropped } = log;
    return Response.json({
      connection,
      client,
      opened,
      events,
      dropped,
      droppedAt: FIRST_EVENTS,
      exchanges,
    }, noStore);
  };

  #find(request: Request, match: URLPatternResult): RecordedExchange {
    refuseOtherHost(request);
    const exchange = this.#recorder.get(Number(match.pathname.groups.id));
    if (exchange) return exchange;
    throw new HttpError(404, "This exchange is no longer kept");
  }

  /** Answers `DELETE /xray/exchanges`: removes them all. */
  readonly clear: Handler = (request) => {
    refuseOtherHost(request);
    this.#recorder.clear();
    return new Response(null, { status: 204 });
  };

  /**
   * Answers `POST /xray/send`: sends the content's octets as a client would.
   * The query may say how, such as `?wait=40,80&end=hang-up`.
   */
  readonly typed: Handler = async (request) => {
    refuseOtherHost(request);
    const client = `typed ${++this.#typed}`;
    const octets = request.body ?? ReadableStream.from([]);
    const answer = await this.send(octets, client, mannerOf(request.url));
    const exchanges = await this.#recorder.overOf(client);
    return Response.json({
      client,
      length: answer.length,
      exchanges: exchanges.map(({ id }) => id),
    });
  };
}

const noStore = { headers: { "cache-control": "no-store" } };

/** How many times a typed request may wait. */
const MOST_WAITS = 8;

function mannerOf(url: string): Manner {
  const { searchParams } = new URL(url);
  const waits = searchParams.get("wait")?.match(/[^,]+/g) ?? [];
  if (waits.length > MOST_WAITS || !waits.every((at) => /^\d{1,9}$/.test(at))) {
    throw new HttpError(400, `A request may wait at ${MOST_WAITS} octets`);
  }
  const end = searchParams.get("end") ?? "half-close";
  if (end !== "half-close" && end !== "stay" && end !== "hang-up") {
    throw new HttpError(400, "A connection can end by half-close or hang-up");
  }
  return { waits: waits.map(Number), end };
}

/** Leaves out the page's own traffic, which would show itself without end. */
function isOwn({ client, requestLine }: RecordedExchange): boolean {
  return !client.startsWith("typed ") &&
    /^\/(?:xray|page)(?:[/?]|$)/.test(requestLine.target);
}

/**
 * Otherwise, a page whose name server points here (DNS rebinding) could read
 * what others send.
 */
function refuseOtherHost({ url }: Request): void {
  if (isLoopbackHost(hostOf(url))) return;
  throw new HttpError(
    403,
    "X-ray answers only to names of this machine, such as localhost",
  );
}
