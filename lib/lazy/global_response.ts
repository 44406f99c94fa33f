/**
 * Makes `new Response` cheap: to be imported before anything is served.
 *
 * ```ts
 * import "@sluice/http/lazy_response";
 * ```
 *
 * From then on the objects of `Response` only keep what they are made of, and become
 * Deno's own when more is asked of them than a server asks: when somebody reads the
 * body, say. It replaces `globalThis.Response` in this realm, for all code that runs
 * in it; a worker imports it again.
 *
 * They are Responses for all that takes one: `instanceof`, as are those of `fetch`
 * and those that were there before; `new Response`, `clone`, caches, `Deno.serve`.
 * The constructor refuses what is wrong, in the same words. Bodies that are neither
 * text nor octets, and objects of subclasses, are Deno's own from the beginning.
 *
 * What tells them apart: `Object.getPrototypeOf` gives an object below
 * `Response.prototype`, and there are no properties of their own. A comparison of
 * properties, such as that of `assertEquals`, can tell nothing of them: compare
 * `status`, `headers` and `text()`.
 *
 * All of this is tried when it is imported. Where a later Deno has changed too much,
 * `Response` stays what it is, and {@linkcode isLazy} says so.
 *
 * @example A server whose answers cost less
 * ```ts
 * import "@sluice/http/lazy_response";
 * import { serve } from "@sluice/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve(
 *   { port: 0, hostname: "127.0.0.1", onListen() {} },
 *   () => new Response("Hello", { headers: { "cache-control": "no-store" } }),
 * );
 * const response = await fetch(`http://127.0.0.1:${server.addr.port}/`);
 * assertEquals(response instanceof Response, true);
 * assertEquals(await response.text(), "Hello");
 * ```
 *
 * @module
 */
import { lazyPrototype, lazyResponse, responseProof } from "./lazy_response.ts";
import { NativeResponse } from "./response_insides.ts";
import { partsOf } from "./response_parts.ts";
import type { Line } from "./lazy_headers.ts";

const jsonType: Line = ["content-type", "application/json"];

/**
 * What `Response` becomes. It is no class, for its prototype has to be that of
 * the native one, so that all of those are its instances.
 */
function replacement(body?: unknown, init?: unknown): Response {
  if (new.target === replacement) {
    const parts = partsOf(body, init);
    if (parts) return lazyResponse(parts);
  } else if (new.target === undefined) {
    throw new TypeError(
      "Class constructor Response cannot be invoked without 'new'",
    );
  }
  const target = new.target === replacement ? NativeResponse : new.target;
  return Reflect.construct(NativeResponse, [body, init], target);
}

function json(data?: unknown, init?: ResponseInit): Response {
  const text: string | undefined = JSON.stringify(data);
  const parts = text === undefined ? undefined : partsOf(text, init, jsonType);
  return parts ? lazyResponse(parts) : NativeResponse.json(data, init);
}

function install(): boolean {
  if (Response !== NativeResponse || !responseProof.holds) return false;
  const { prototype } = NativeResponse;
  const members = Object.getOwnPropertyDescriptors(NativeResponse);
  const constructor = {
    configurable: true,
    writable: true,
    value: replacement,
  };
  Object.defineProperties(replacement, {
    name: members.name,
    length: members.length,
    prototype: { value: prototype, writable: false },
    error: members.error,
    redirect: members.redirect,
    json: { ...members.json, value: json },
  });
  Object.defineProperty(prototype, "constructor", constructor);
  Object.defineProperty(lazyPrototype, "constructor", constructor);
  Object.defineProperty(globalThis, "Response", constructor);
  return true;
}

/** Whether `Response` is lazy now. */
export const isLazy: boolean = install();
