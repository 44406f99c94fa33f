/**
 * The content of a Response that is all here already, and has not been read.
 *
 * The web platform shows a body as a stream only, and to make one of a short
 * text costs as much as all else that is done for a request. Deno keeps the text
 * with the Response, under symbols of its own. That is how Deno is made and no
 * promise of it: so it is tried when this is loaded, and left alone where it does
 * not hold.
 *
 * @module
 */
import { lightPartsOf } from "./light_response.ts";
import { isProven } from "./stand_in.ts";

/** Content, or null if there is none; undefined if it can't be told. */
export type Content = string | Uint8Array | null | undefined;

// deno-lint-ignore no-explicit-any -- what is under a symbol has no type
type Insides = Record<symbol, any>;

const sample = new Response("");

function symbolNamed(description: string): symbol {
  return Object.getOwnPropertySymbols(sample)
    .find((symbol) => symbol.description === description) ?? Symbol();
}

const inner = symbolNamed("response");
const unmade = symbolNamed("lazy static body");

function nativeContent(response: Response): Content {
  const insides = response as unknown as Insides;
  if (insides[unmade] !== null) return known(insides[unmade]);
  const { body } = insides[inner];
  if (body === null) return null;
  const { body: content, consumed } = body.streamOrStatic;
  return consumed === false ? known(content) : undefined;
}

function known(content: unknown): Content {
  return typeof content === "string" || content instanceof Uint8Array
    ? content
    : undefined;
}

const isReadable = isProven(tellsTheTruth);

/** The content of a response, where all of it is here. */
export function contentAtHand(response: Response): Content {
  const parts = lightPartsOf(response);
  if (parts) return parts.content;
  return isReadable ? nativeContent(response) : undefined;
}

function tellsTheTruth(): boolean {
  const read = new Response("a", { status: 201 });
  read.text().catch(() => {});
  const seen = new Response("a");
  const isSeen = seen.body !== null;
  const octets = nativeContent(new Response(new Uint8Array([1, 2])));
  return isSeen && nativeContent(seen) === undefined &&
    nativeContent(read) === undefined &&
    nativeContent(new Response()) === null &&
    nativeContent(new Response("")) === "" &&
    nativeContent(new Response("a")) === "a" &&
    nativeContent(new Response("b", { headers: { c: "d" } })) === "b" &&
    nativeContent(new Response(new ReadableStream())) === undefined &&
    octets instanceof Uint8Array && octets.join() === "1,2";
}
