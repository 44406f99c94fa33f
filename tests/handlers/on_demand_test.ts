/** A handler is made when it is first asked, once, and again if that failed. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { HandlerInfo } from "../../lib/handler.ts";
import { onDemand } from "../../lib/handlers/on_demand.ts";
import { serve, type StreamPair } from "../../mod.ts";
import { localInfo } from "../support/local_info.ts";

const request = new Request("http://localhost/");

/** A module that loads when it is told to. */
class Module {
  count = 0;
  #loading = Promise.withResolvers<() => Response>();

  readonly load = (): Promise<() => Response> => {
    this.count++;
    return this.#loading.promise;
  };

  succeed(): void {
    this.#loading.resolve(() => new Response("made"));
  }

  fail(): void {
    this.#loading.reject(new TypeError("Cannot load the module"));
    this.#loading = Promise.withResolvers();
  }
}

Deno.test("nothing is made before it is asked, and once for all that ask", async () => {
  const module = new Module();
  const handler = onDemand(module.load);
  assertEquals(module.count, 0);
  const answers = [handler(request, localInfo), handler(request, localInfo)];
  assertEquals(module.count, 1);
  module.succeed();
  for (const answer of answers) {
    assertEquals(await (await answer).text(), "made");
  }
  const later = handler(request, localInfo);
  assert(later instanceof Response, "it does not wait any more");
  assertEquals(module.count, 1);
});

Deno.test("all that ask are told of a failure, and the next has another try", async () => {
  const module = new Module();
  const handler = onDemand(module.load);
  const answers = [handler(request, localInfo), handler(request, localInfo)];
  module.fail();
  for (const answer of answers) {
    await assertRejects(async () => await answer, TypeError, "Cannot load");
  }
  const next = handler(request, localInfo);
  module.succeed();
  assertEquals(await (await next).text(), "made");
  assertEquals(module.count, 2);
});

Deno.test("it is told all that a route's handler is told", async () => {
  const pattern = new URLPattern({ pathname: "/:name" });
  const match = pattern.exec("http://localhost/abc")!;
  const handler = onDemand<HandlerInfo, [URLPatternResult]>(() =>
    Promise.resolve((request, info, { pathname }) =>
      Response.json([request.url, info === localInfo, pathname.groups.name])
    )
  );
  for (let time = 0; time < 2; time++) {
    const response = await handler(request, localInfo, match);
    assertEquals(await response.json(), ["http://localhost/", true, "abc"]);
  }
});

Deno.test("a client gets 500 where it can't be made, and no more is told", async () => {
  const told: unknown[] = [];
  const { pair, answer } = makeClient();
  await using _server = serve({
    listener: ReadableStream.from<StreamPair>([pair]),
    onError(error) {
      told.push(error);
      return new Response("Sorry", { status: 500 });
    },
  }, onDemand(() => Promise.reject(new TypeError("Cannot load the module"))));
  assertEquals(
    (await answer).split("\r\n")[0],
    "HTTP/1.1 500 Internal Server Error",
  );
  assertEquals(told.map(String), ["TypeError: Cannot load the module"]);
});

/** A client that asks once, and what it gets. */
function makeClient(): { pair: StreamPair; answer: Promise<string> } {
  const question = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  const answers = new TransformStream<Uint8Array, Uint8Array>();
  return {
    pair: {
      readable: new Blob([question]).stream(),
      writable: answers.writable,
    },
    answer: new Response(answers.readable).text(),
  };
}
