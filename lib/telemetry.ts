/**
 * Finds the OpenTelemetry of this process, if there is one: Deno registers its
 * own with `OTEL_DENO=true`, and an SDK registers itself, each where
 * `@opentelemetry/api` looks. So no package and no permission is needed.
 *
 * Only the part of that API is described which is used here.
 *
 * @module
 */

/** A value of an attribute. */
export type AttributeValue = string | number | boolean;

/** One operation. */
export interface Span {
  setAttribute(name: string, value: AttributeValue): unknown;
  setAttributes(attributes: Record<string, AttributeValue>): unknown;
  setStatus(status: { code: number }): unknown;
  updateName(name: string): unknown;
  recordException(error: Error): unknown;
  end(): void;
}

/** What belongs to the code that runs, and to what it waits for. */
export interface TelemetryContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): TelemetryContext;
  deleteValue(key: symbol): TelemetryContext;
}

/** Makes spans. */
export interface Tracer {
  startSpan(
    name: string,
    options: {
      kind: number;
      startTime?: number;
      attributes?: Record<string, AttributeValue>;
    },
    context: TelemetryContext,
  ): Span;
}

/** What is registered. */
export interface Telemetry {
  trace: { getTracer(name: string): Tracer };
  context: {
    active(): TelemetryContext;
    with<T>(context: TelemetryContext, call: () => T): T;
  };
  propagation?: {
    extract(
      context: TelemetryContext,
      headers: Headers,
      getter: {
        get(headers: Headers, name: string): string | undefined;
        keys(headers: Headers): string[];
      },
    ): TelemetryContext;
  };
}

/** Where a context has its span. */
export const SPAN: symbol = Symbol.for("OpenTelemetry Context Key SPAN");

/** Undefined if nothing is traced. */
export function findTelemetry(): Telemetry | undefined {
  const registered = (globalThis as unknown as Record<symbol, unknown>)[
    Symbol.for("opentelemetry.js.api.1")
  ] as Partial<Telemetry> | undefined;
  return registered?.trace && registered.context
    ? registered as Telemetry
    : undefined;
}

/** All others are `_OTHER`: clients can choose no names. */
const methods = new Set([
  ...["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE"],
  "PATCH",
]);

/** The attributes of a request's method. */
export function methodAttributes(method: string): Record<string, string> {
  return methods.has(method) ? { "http.request.method": method } : {
    "http.request.method": "_OTHER",
    "http.request.method_original": method,
  };
}

/** The name of a request's span, which depends on the method and the route. */
export function spanName(method: string, route?: string): string {
  const name = methods.has(method) ? method : "HTTP";
  return route === undefined ? name : `${name} ${route}`;
}
