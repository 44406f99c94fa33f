/**
 * A Request that is made of what came, and made whole on demand.
 *
 * @module
 */
import { lightHeaders, type Line } from "./light_headers.ts";
import { isProven, letStandIn } from "./stand_in.ts";

/** What a Request is made of. */
export interface RequestParts {
  method: string;
  /** Makes the URL, as `new Request` would write it. */
  url: () => string;
  lines: readonly Line[];
  /** Makes the body; not called where nobody asks for it. */
  body: () => ReadableStream<Uint8Array<ArrayBuffer>> | null;
  /** Makes the signal; not called where nobody asks for it. */
  signal: () => AbortSignal;
}

/** The stand-in. */
class LightRequest {
  #parts: RequestParts;
  #url: string | undefined;
  #headers: Headers | undefined;
  #real: Request | undefined;

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  static realOf(light: LightRequest): Request {
    return light.#real ??= realRequest(light.#parts);
  }

  static isLight(request: Request): boolean {
    return #parts in request;
  }

  get method(): string {
    return this.#parts.method;
  }

  get url(): string {
    return this.#url ??= this.#parts.url();
  }

  /** Not that of the real one: to follow a signal costs more than all else. */
  get signal(): AbortSignal {
    return this.#parts.signal();
  }

  get headers(): Headers {
    return this.#headers ??= lightHeaders(
      this.#parts.lines,
      () => LightRequest.realOf(this).headers,
    );
  }
}

letStandIn(LightRequest, Request, {
  sample: new Request("http://localhost/"),
  realOf: LightRequest.realOf,
});

/** Makes a Request of valid parts, and a real one: the plain way. */
export function realRequest(
  { method, url, lines, body, signal }: RequestParts,
): Request {
  const request = new Request(url(), {
    method,
    headers: lines as [string, string][],
    body: body(),
  });
  return Object.defineProperty(request, "signal", { get: signal });
}

function standInRequest(parts: RequestParts): Request {
  return new LightRequest(parts) as unknown as Request;
}

/** Makes a Request of valid parts. */
export const lightRequest: (parts: RequestParts) => Request =
  isProven(passesForReal) ? standInRequest : realRequest;

/** Whether it is a stand-in: then it comes from our own server. */
export const isLightRequest: (request: Request) => boolean =
  LightRequest.isLight;

function passesForReal(): boolean {
  const light = standInRequest({
    method: "PUT",
    url: () => "http://localhost/a",
    lines: [["A", "b"]],
    body: () => new ReadableStream(),
    signal: () => AbortSignal.abort(),
  });
  const copy = new Request(light);
  return light instanceof Request && light.headers instanceof Headers &&
    copy.method === "PUT" && copy.url === "http://localhost/a" &&
    copy.headers.get("a") === "b" && [...light.headers].join() === "a,b" &&
    copy.body !== null && light.bodyUsed && light.signal.aborted;
}
