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
import { dissect } from "./dissection.ts";
import { ExchangeEvents } from "./exchange_events.ts";
import type { RecordedExchange } from "./recorded_exchange.ts";
import { Recorder } from "./recorder.ts";

/**
 * Passes octets to the server as if a client had sent them. At each of the
 * places, which are numbers of octets, it waits for an answer.
 */
export type SendOctets = (
  octets: ReadableStream<Uint8Array>,
  client: string,
  waits: readonly number[],
) => Promise<Uint8Array>;

/** The X-ray, which the application connects to the server and its routes. */
export class Xray {
  /** Sends typed requests. Set it before the first request. */
  send: SendOctets = () => Promise.reject(new HttpError(503, "Not ready yet"));
  #recorder = new Recorder(isOwn);
  #watching = new Set<ExchangeEvents>();
  #typed = 0;

  /** The observer to give to the server. */
  get observer(): Observer {
    return this.#recorder;
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
    refuseOtherHost(request);
    const exchange = this.#recorder.get(Number(match.pathname.groups.id));
    if (!exchange) {
      throw new HttpError(404, "This exchange is no longer kept");
    }
    const { summary, stages } = exchange;
    return Response.json({
      ...summary,
      stages,
      messages: (["request", "response"] as const).map((side) => {
        const { octets, length } = exchange[side];
        const parts = dissect(octets, side);
        return { side, length, octets: octets.toBase64(), parts };
      }),
    }, { headers: { "cache-control": "no-store" } });
  };

  /** Answers `DELETE /xray/exchanges`: removes them all. */
  readonly clear: Handler = (request) => {
    refuseOtherHost(request);
    this.#recorder.clear();
    return new Response(null, { status: 204 });
  };

  /**
   * Answers `POST /xray/send?wait=57,120`: sends the content's octets as a client
   * would, which waits for an answer after the first 57 and the first 120.
   */
  readonly typed: Handler = async (request) => {
    refuseOtherHost(request);
    const client = `typed ${++this.#typed}`;
    const octets = request.body ?? ReadableStream.from([]);
    const answer = await this.send(octets, client, waitsOf(request));
    const exchanges = await this.#recorder.overOf(client);
    return Response.json({
      client,
      length: answer.length,
      exchanges: exchanges.map(({ id }) => id),
    });
  };
}

function waitsOf({ url }: Request): number[] {
  const places = new URL(url).searchParams.get("wait");
  return places ? places.split(",").map(Number) : [];
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
