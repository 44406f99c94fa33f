/**
 * Makes a span of OpenTelemetry for each request, by the conventions for HTTP
 * servers: <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>.
 *
 * In: the options of a server and its handler. Out: the same, which make spans,
 * if anything in this process is traced; else they themselves. It does not know
 * the routes: the router names them.
 *
 * @module
 */
import { nameOfPeer } from "../authority.ts";
import { HttpError } from "../errors.ts";
import type { Handler, HandlerInfo } from "../handler.ts";
import type { Exchange } from "../observer.ts";
import {
  type AttributeValue,
  findTelemetry,
  methodAttributes,
  SPAN,
  type Span,
  spanName,
  type Telemetry,
  type TelemetryContext,
  type Tracer,
} from "../telemetry.ts";
import type { ServeOptions } from "./serve_options.ts";

/** Of the API: the span of a server, and the status of one that failed. */
const SERVER = 1;
const ERROR = 2;

/** The first status that tells of a fault of the server. */
const FAULTS = 500;

/** What makes the handler of a server, and is told of its exchanges. */
type Observed = Pick<ServeOptions<never>, "onExchange" | "trustProxy">;

/** Traces a server, if anything is traced. It is decided once. */
export function traced<Options extends Observed>(
  options: Options,
  handler: Handler,
): { options: Options; handler: Handler } {
  const telemetry = findTelemetry();
  if (!telemetry) return { options, handler };
  const spans = new RequestSpans(telemetry, options);
  const onExchange = (exchange: Exchange) => {
    spans.end(exchange);
    return options.onExchange?.(exchange);
  };
  return {
    options: { ...options, onExchange },
    handler: (request, info) => spans.during(request, info, handler),
  };
}

class RequestSpans {
  readonly #telemetry: Telemetry;
  readonly #tracer: Tracer;
  readonly #isTrusted: (hostname: string) => boolean;
  /** By the info of a handler, which is the record of the exchange, too. */
  readonly #spans = new WeakMap<object, Span>();

  constructor(telemetry: Telemetry, { trustProxy = () => false }: Observed) {
    this.#telemetry = telemetry;
    this.#tracer = telemetry.trace.getTracer("@sluice/http");
    this.#isTrusted = trustProxy;
  }

  /** Calls the handler in a span, of which those that it makes are children. */
  during(
    request: Request,
    info: HandlerInfo,
    handler: Handler,
  ): Response | Promise<Response> {
    const parent = this.#parentOf(request, info);
    const span = this.#tracer.startSpan(
      spanName(request.method),
      { kind: SERVER, attributes: attributesOf(request, info) },
      parent,
    );
    this.#spans.set(info, span);
    return this.#telemetry.context.with(
      parent.setValue(SPAN, span),
      () => handler(request, info),
    );
  }

  /** The exchange is over; of one that no handler has seen, it makes the span. */
  end(exchange: Exchange): void {
    const { status, error } = exchange;
    const span = this.#spans.get(exchange) ?? this.#startLate(exchange);
    if (status !== undefined) {
      span.setAttribute("http.response.status_code", status);
    }
    if (status === undefined || status >= FAULTS) {
      span.setStatus({ code: ERROR });
      span.setAttribute("error.type", errorType(exchange));
      if (isFault(error)) span.recordException(error);
    }
    span.end();
  }

  /** What any client says of its trace would let it join the traces of others. */
  #parentOf({ headers }: Request, { peerAddr }: HandlerInfo): TelemetryContext {
    const { propagation } = this.#telemetry;
    const context = this.#none;
    return propagation && this.#isTrusted(nameOfPeer(peerAddr))
      ? propagation.extract(context, headers, fields)
      : context;
  }

  /** The span in which the server was started is no parent. */
  get #none(): TelemetryContext {
    return this.#telemetry.context.active().deleteValue(SPAN);
  }

  #startLate(exchange: Exchange): Span {
    const { method = "_OTHER", started } = exchange;
    return this.#tracer.startSpan(spanName(method), {
      kind: SERVER,
      startTime: started,
      attributes: {
        ...methodAttributes(method),
        "client.address": nameOfPeer(exchange.remoteAddr),
      },
    }, this.#none);
  }
}

const fields = {
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
  keys: (headers: Headers) => [...headers.keys()],
};

/** The query is left out: it may hold secrets. */
function attributesOf(
  { method, url, headers }: Request,
  { remoteAddr, peerAddr }: HandlerInfo,
): Record<string, AttributeValue> {
  const { protocol, hostname, port, pathname } = new URL(url);
  const scheme = protocol.slice(0, -1);
  const userAgent = headers.get("user-agent");
  return {
    ...methodAttributes(method),
    "url.scheme": scheme,
    "url.path": pathname,
    "server.address": hostname,
    "server.port": Number(port || (scheme === "https" ? 443 : 80)),
    "client.address": nameOfPeer(remoteAddr),
    "network.peer.address": nameOfPeer(peerAddr),
    ...userAgent === null ? {} : { "user_agent.original": userAgent },
  };
}

/** A handler that throws an HttpError only chooses a status. */
function isFault(error: unknown): error is Error {
  return error instanceof Error && !(error instanceof HttpError);
}

function errorType({ status, error }: Exchange): string {
  return isFault(error) ? error.name : String(status ?? "_OTHER");
}
