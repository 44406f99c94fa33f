/**
 * A Response that is made of what our own handlers answer, and made whole on
 * demand.
 *
 * @module
 */
import { isLight, lightHeaders, type Line } from "./light_headers.ts";
import { isLightRequest } from "./light_request.ts";
import { isProven, letStandIn } from "./stand_in.ts";

/** What a Response is made of. */
export interface ResponseParts {
  status: number;
  /** In lower case, each name once. */
  lines: readonly Line[];
  content: string | Uint8Array<ArrayBuffer> | null;
}

/** The stand-in. */
class LightResponse {
  #parts: ResponseParts;
  #headers: Headers | undefined;
  #real: Response | undefined;

  constructor(parts: ResponseParts) {
    this.#parts = parts;
  }

  static realOf(light: LightResponse): Response {
    return light.#real ??= realResponse(light.#parts);
  }

  static partsOf(response: Response): ResponseParts | undefined {
    if (!(#real in response)) return undefined;
    const light = response as unknown as LightResponse;
    const isChanged = light.#real !== undefined ||
      light.#headers !== undefined && !isLight(light.#headers);
    return isChanged ? undefined : light.#parts;
  }

  get status(): number {
    return this.#parts.status;
  }

  get statusText(): string {
    return "";
  }

  get headers(): Headers {
    return this.#headers ??= lightHeaders(
      this.#parts.lines,
      () => LightResponse.realOf(this).headers,
    );
  }
}

letStandIn(LightResponse, Response, {
  sample: new Response(),
  realOf: LightResponse.realOf,
});

/** Makes a Response of valid parts, and a real one: the plain way. */
export function realResponse(
  { status, lines, content }: ResponseParts,
): Response {
  // A type that was not said is not to be guessed from the content's.
  const response = new Response(content, {
    status,
    headers: lines as [string, string][],
  });
  if (!lines.some(([name]) => name === "content-type")) {
    response.headers.delete("content-type");
  }
  return response;
}

function standInResponse(parts: ResponseParts): Response {
  return new LightResponse(parts) as unknown as Response;
}

const mayStandIn = isProven(passesForReal);

/**
 * Makes a Response of valid parts, light if the request was: for that comes from
 * our own server. `Deno.serve` takes more of a Response than its methods do, and
 * on 2.9.6 crashes over one that stands in.
 */
export function lightResponse(
  request: Request,
  parts: ResponseParts,
): Response {
  return mayStandIn && isLightRequest(request)
    ? standInResponse(parts)
    : realResponse(parts);
}

/** The parts of a light response that nobody has read or changed. */
export const lightPartsOf: (response: Response) => ResponseParts | undefined =
  LightResponse.partsOf;

/** A response with one more field, which it does not have yet. */
export function withField(response: Response, line: Line): Response {
  const parts = lightPartsOf(response);
  if (parts) {
    return standInResponse({ ...parts, lines: [...parts.lines, line] });
  }
  try {
    response.headers.append(...line);
    return response;
  } catch { // The headers of a fetched response cannot be changed.
    return withField(new Response(response.body, response), line);
  }
}

/** A light response with other lines. */
export function withLines(
  { status, content }: ResponseParts,
  lines: readonly Line[],
): Response {
  return standInResponse({ status, lines, content });
}

function passesForReal(): boolean {
  const light = standInResponse({
    status: 201,
    lines: [["a", "b"]],
    content: "c",
  });
  const copy = new Response(light.body, light);
  return light instanceof Response && light.headers instanceof Headers &&
    copy.status === 201 && copy.headers.get("a") === "b" && light.ok &&
    [...light.headers].join() === "a,b" && copy.body !== null;
}

/** Whether it is a Response, and not merely made from the prototype of one. */
export function isResponse(value: unknown): value is Response {
  try {
    return value instanceof Response && typeof value.status === "number";
  } catch {
    return false;
  }
}

const isSent = Symbol("is sent");

/**
 * Says that content at hand is sent, for to take it does not make it read, as
 * taking its stream would. @returns false if it was said before.
 */
export function claim(response: Response & { [isSent]?: true }): boolean {
  if (response[isSent]) return false;
  response[isSent] = true;
  return true;
}
