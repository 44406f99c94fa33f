/** A handler is given up when it takes too long. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { timeout } from "../../lib/handlers/timeout.ts";
import { localInfo } from "../support/local_info.ts";

const request = new Request("http://localhost/");

Deno.test("what comes in time is passed on", async () => {
  const handler = timeout(60_000, () => new Response("in time"));
  const response = await handler(request, localInfo);
  assertEquals(await response.text(), "in time");
});

Deno.test("RFC 9110 §15.6.4: what comes late is 503, and let go of", async () => {
  const cancelled = Promise.withResolvers<void>();
  let reason: unknown;
  const handler = timeout((request) => request.url.length, (request) => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    request.signal.addEventListener("abort", () => {
      reason = request.signal.reason;
      const body = new ReadableStream({ cancel: () => cancelled.resolve() });
      resolve(new Response(body));
    });
    return promise;
  });
  const error = await assertRejects(
    async () => await handler(request, localInfo),
    HttpError,
  );
  assertEquals(error.status, 503);
  await cancelled.promise;
  assert(reason instanceof DOMException && reason.name === "TimeoutError");
});

Deno.test("what the handler throws is passed on", async () => {
  const handler = timeout(60_000, () => {
    throw new HttpError(418, "Tea");
  });
  await assertRejects(
    async () => await handler(request, localInfo),
    HttpError,
    "Tea",
  );
});

Deno.test("Infinity lifts the limit, and no time is too long", async () => {
  for (const milliseconds of [Infinity, 2 ** 31]) {
    const handler = timeout(milliseconds, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return new Response("in time");
    });
    const response = await handler(request.clone(), localInfo);
    assertEquals(await response.text(), "in time");
  }
});

Deno.test("a limit that is none is refused", async () => {
  const inTime = () => new Response("in time");
  for (const milliseconds of [NaN, -1, 1.5]) {
    const message = `Cannot limit time: got ${milliseconds}`;
    assertThrows(() => timeout(milliseconds, inTime), RangeError, message);
    const handler = timeout(() => milliseconds, inTime);
    await assertRejects(
      async () => await handler(request.clone(), localInfo),
      RangeError,
      message,
    );
  }
});
