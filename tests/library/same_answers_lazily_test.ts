/** The same once more, on both servers, with the `Response` that is lazy. */

import { assert } from "@std/assert";
import { isLazy } from "../../lib/lazy/global_response.ts";
import "./same_answers_test.ts";

Deno.test("the lazy Response is installed", () => assert(isLazy));
