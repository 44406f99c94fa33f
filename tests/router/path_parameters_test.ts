/** The names of parameters: what this file says of them is checked as types. */

import { assertEquals } from "@std/assert";
import type { PathParameters } from "../../lib/router/path_parameters.ts";
import { on, route } from "../../lib/router/router.ts";
import { localInfo } from "../support/local_info.ts";

type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends
  (<T>() => T extends Other ? 1 : 2) ? true
  : false;

/** The parameters that paths have, by name. */
type Names<Path extends string> = keyof PathParameters<Path>;

/** A pattern's names, and what they should be: none of these is false. */
type Cases = [
  Same<Names<"/">, never>,
  Same<Names<"/a/:id">, "id">,
  Same<Names<"/:a/b/:c_1/:d2">, "a" | "c_1" | "d2">,
  Same<Names<"/:name.json">, "name">,
  Same<Names<"/:from-:to">, "from" | "to">,
  Same<Names<"/files/*">, "0">,
  Same<Names<"/*/:a/*">, "0" | "a" | "1">,
  Same<Names<"/:a?/:b+/:c*">, "a" | "b" | "c">,
  Same<Names<"/é/:été/x">, "été">,
  Same<PathParameters<"/:a">, { readonly a: string }>,
  Same<PathParameters<"/:a(x)">[string], string | undefined>,
  Same<PathParameters<string>[string], string | undefined>,
];

const cases: Cases = Array(12).fill(true) as Cases;

Deno.test("a path names its parameters", async () => {
  assertEquals(new Set<boolean>(cases), new Set([true]));
  const handler = route([
    on("GET", "/:name.json", (_, { name }) => new Response(name)),
    on("GET", "/pages/:page?", (_, { page }) => new Response(`page ${page}`)),
    // @ts-expect-error There is no such parameter.
    on("GET", "/:from-:to", (_, { too }) => new Response(too)),
  ]);
  for (
    const [path, expected] of [
      ["/a.json", "a"],
      ["/pages/2", "page 2"],
      ["/pages", "page "],
      ["/a-b", ""],
    ]
  ) {
    const request = new Request(`http://localhost${path}`);
    const response = await handler(request, localInfo);
    assertEquals(await response.text(), expected);
  }
});
