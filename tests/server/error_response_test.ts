/** RFC 9110 §12.5.1, RFC 9457: an error in the form that its client takes. */

import { assert, assertEquals } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { toErrorResponse } from "../../lib/server/error_response.ts";
import { connect, parseAnswers } from "../support/conversation.ts";

const error = new HttpError(404, "There is <nothing> here", {
  headers: { "x-a": "b" },
});

const text = "text/plain; charset=utf-8";
const page = "text/html; charset=utf-8";
const problem = "application/problem+json";

for (
  const [accept, type] of [
    [null, text],
    ["", text],
    ["*/*", text],
    ["text/*", text],
    ["text/plain, text/html;q=0.9", text],
    ["image/png", text],
    ["text/html,application/xhtml+xml,*/*;q=0.8", page],
    ["text/html", page],
    ["application/json", problem],
    ["application/problem+json", problem],
    ["application/json, */*;q=0.1", problem],
    ["application/json;q=0.1, text/html", page],
    ["nonsense", text],
  ] as const
) {
  Deno.test(`Accept: ${accept}: the error is ${type}`, async () => {
    const response = toErrorResponse(error, accept);
    assertEquals(response.status, 404);
    assertEquals(response.headers.get("content-type"), type);
    assertEquals(response.headers.get("x-a"), "b");
    const vary = accept === null ? null : "Accept";
    assertEquals(response.headers.get("vary"), vary);
    const content = await response.text();
    if (type === text) {
      assertEquals(content, "404 Not Found: There is <nothing> here\n");
    } else if (type === problem) {
      assertEquals(JSON.parse(content), {
        title: "Not Found",
        status: 404,
        detail: "There is <nothing> here",
      });
    } else {
      assert(content.includes("<p>There is &lt;nothing&gt; here.</p>"));
    }
  });
}

Deno.test("a refused head is answered as its Accept prefers, and logged", async () => {
  const fields = "Accept: application/json\r\nUser-Agent: a\r\n";
  for (
    const flaw of ["Host: h\r\nHost: h\r\n", "Host: h\r\nContent-Length: x\r\n"]
  ) {
    const { pipe, done, exchanges } = connect();
    pipe.send(`GET /b HTTP/1.1\r\n${fields}${flaw}\r\n`, null);
    await done;
    const [answer] = parseAnswers(pipe.received);
    assertEquals(answer.status, 400);
    assertEquals(answer.fields["content-type"], problem);
    const [{ requestTarget, userAgent }] = exchanges;
    assertEquals([requestTarget, userAgent], ["/b", "a"]);
  }
});
