/**
 * A Response that keeps its parts; a real one is made on demand.
 *
 * @module
 */
import { headersProof, lazyHeaders } from "./lazy_headers.ts";
import {
  claimNative,
  type Content,
  nativeContent,
  NativeResponse,
} from "./response_insides.ts";
import type { ResponseParts } from "./response_parts.ts";
import { letStandIn, Proof } from "./stand_in.ts";

/** The stand-in. */
class LazyResponse {
  #parts: ResponseParts;
  #headers: Headers | undefined = undefined;
  #real: Response | undefined = undefined;
  #isClaimed = false;

  constructor(parts: ResponseParts) {
    this.#parts = parts;
  }

  static realOf(lazy: LazyResponse): Response {
    if (lazy.#real) return lazy.#real;
    const { lines } = LazyResponse.partsOf(lazy)!;
    lazy.#real = realResponse({ ...lazy.#parts, lines });
    // Others may change these: what was given out goes by them from now on.
    lazy.#parts.headers = lazy.#real.headers;
    return lazy.#real;
  }

  static partsOf(response: object): ResponseParts | undefined {
    if (!(#real in response) || response.#real) return undefined;
    const parts = response.#parts;
    if (parts.headers) parts.lines = [...parts.headers];
    return parts;
  }

  static claim(response: object): boolean | undefined {
    if (!(#real in response)) return undefined;
    if (response.#isClaimed) return false;
    return response.#isClaimed = true;
  }

  get status(): number {
    return this.#parts.status;
  }

  get statusText(): string {
    return this.#parts.reason;
  }

  get ok(): boolean {
    return this.#parts.status < 300;
  }

  get bodyUsed(): boolean {
    return this.#isClaimed || (this.#real?.bodyUsed ?? false);
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#parts.content === null ? null : LazyResponse.realOf(this).body;
  }

  clone(): Response {
    const parts = LazyResponse.partsOf(this);
    return parts
      ? lazyResponse({ ...parts, headers: undefined })
      : LazyResponse.realOf(this).clone();
  }

  get headers(): Headers {
    return this.#headers ??= this.#real?.headers ??
      lazyHeaders(this.#parts);
  }
}

/**
 * Makes a real one.
 *
 * Deno may keep data for its own server with it, and frees that when the
 * response is sent or collected. `Deno.serve` also takes the data from a
 * stand-in, but then marks the stand-in as freed, so the real response would
 * free it again. Reading `headers` makes Deno release the data first.
 */
function realResponse({ status, reason, lines, content }: ResponseParts) {
  const real = new NativeResponse(content, { status, statusText: reason });
  const { headers } = real;
  // The lines contain it, unless the handler has deleted it.
  headers.delete("content-type");
  for (const [name, value] of lines) headers.append(name, value);
  return real;
}

/** Whether they behave. Ask it before the first is made. */
export const responseProof: Proof = new Proof(() => {
  letStandIn(LazyResponse, NativeResponse, {
    sample: new NativeResponse(),
    realOf: LazyResponse.realOf,
  });
  if (!headersProof.holds) return false;
  const make = () =>
    lazyResponse({
      status: 201,
      reason: "d",
      lines: [["a", "b"]],
      headers: undefined,
      content: "c",
    });
  const lazy = make();
  const changed = make();
  changed.headers.set("a", "e");
  const clone = NativeResponse.prototype.clone.call(changed);
  const copy = new NativeResponse(lazy.body, lazy);
  return lazy instanceof NativeResponse && lazy.headers instanceof Headers &&
    copy.status === 201 && copy.statusText === "d" &&
    copy.headers.get("a") === "b" && [...lazy.headers].join() === "a,b" &&
    copy.body !== null && changed.type === "default" &&
    [...clone.headers].join() === "a,e";
});

/** Makes a Response of its parts. */
export function lazyResponse(parts: ResponseParts): Response {
  return new LazyResponse(parts) as unknown as Response;
}

/** Its prototype, whose `constructor` somebody may have to name. */
export const lazyPrototype: object = LazyResponse.prototype;

/** The current parts of a lazy response that is not yet a real one. */
export const lazyPartsOf: (response: Response) => ResponseParts | undefined =
  LazyResponse.partsOf;

/** Whether it is a Response, and not merely made from the prototype of one. */
export function isResponse(value: unknown): value is Response {
  try {
    return value instanceof Response && typeof value.status === "number";
  } catch {
    return false;
  }
}

/** The content of a response, if all of it is in memory. */
export function contentAtHand(response: Response): Content {
  const parts = lazyPartsOf(response);
  return parts ? parts.content : nativeContent(response);
}

/** The same as {@linkcode claimNative}, of any response. */
export function claim(response: Response): boolean {
  return LazyResponse.claim(response) ?? claimNative(response);
}
