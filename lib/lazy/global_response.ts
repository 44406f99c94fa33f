/**
 * Makes `new Response` cheap: import it before serving.
 *
 * ```ts
 * import "@sluice/http/lazy_response";
 * ```
 *
 * From then on, objects of `Response` only keep their parts, and become Deno's
 * own when a program uses more than a server needs, such as the body. It
 * replaces `globalThis.Response` for all code in this realm; a worker must
 * import it too.
 *
 * They work wherever a Response does: with `instanceof`, as do those of `fetch`
 * and earlier ones, and with `new Response`, `clone`, caches and `Deno.serve`.
 * The constructor refuses invalid arguments with the same messages. Responses
 * with bodies other than text or octets, and objects of subclasses, are Deno's
 * own from the beginning.
 *
 * Two differences remain: `Object.getPrototypeOf` returns an object below
 * `Response.prototype`, and they have no own properties. `assertEquals` and similar
 * functions compare own properties, so they cannot compare these: compare `status`,
 * `headers` and `text()` instead.
 *
 * The import tests all of this. If a later Deno has changed too much,
 * `Response` stays as it is, and {@linkcode isLazy} is false.
 *
 * @example A server with cheaper responses
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
 * The new `Response`. It is not a class, because it must share the prototype of
 * the native one, so that all native responses are instances.
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
