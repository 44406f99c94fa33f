/** What the pages of other sites make a browser send, and what is served. */

import { assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { csrf } from "../../lib/handlers/csrf.ts";
import { localInfo } from "../support/local_info.ts";

const handler = csrf(() => new Response("served"));

type Case = [
  method: string,
  fields: Record<string, string>,
  isServed: boolean,
  url?: string,
];

const cases: Case[] = [
  ["POST", {}, true],
  ["POST", { "sec-fetch-site": "same-origin" }, true],
  ["POST", { "sec-fetch-site": "none" }, true],
  ["POST", { "sec-fetch-site": "same-site" }, false],
  ["POST", { "sec-fetch-site": "cross-site" }, false],
  ["POST", { "sec-fetch-site": "" }, false],
  ["POST", { "sec-fetch-site": "same-origin, none" }, false],
  ["POST", { origin: "http://localhost:4221" }, true],
  ["POST", { origin: "https://localhost:4221" }, true],
  ["POST", { origin: "HTTP://LOCALHOST:4221" }, true],
  ["POST", { origin: "http://localhost" }, false],
  ["POST", { origin: "http://localhost:80" }, false],
  ["POST", { origin: "http://localhost:4222" }, false],
  ["POST", { origin: "http://127.0.0.1:4221" }, false],
  ["POST", { origin: "http://localhost:4221.evil.example" }, false],
  ["POST", { origin: "http://evil.example" }, false],
  ["POST", { origin: "http://localhost:4221, http://evil.example" }, false],
  ["POST", { origin: "http://localhost:4221 http://evil.example" }, false],
  ["POST", { origin: "null" }, false],
  ["POST", { origin: "" }, false],
  ["POST", { origin: "localhost:4221" }, false],
  ["POST", { origin: "file://" }, false],
  ["POST", { origin: "moz-extension://localhost" }, false],
  ["POST", { origin: "http://a.example" }, true, "http://a.example/"],
  ["POST", { origin: "http://a.example:80" }, true, "http://a.example/"],
  ["POST", { origin: "https://a.example" }, true, "http://a.example/"],
  ["POST", { origin: "https://a.example:443" }, true, "http://a.example/"],
  ["POST", { origin: "http://[::1]:8000" }, true, "http://[::1]:8000/"],
  [
    "POST",
    { origin: "http://localhost:4221", "sec-fetch-site": "cross-site" },
    false,
  ],
  [
    "POST",
    { origin: "http://evil.example", "sec-fetch-site": "same-origin" },
    false,
  ],
  ["PUT", { origin: "http://evil.example" }, false],
  ["DELETE", { "sec-fetch-site": "cross-site" }, false],
  ["MAKE", { origin: "http://evil.example" }, false],
  ["GET", { "sec-fetch-site": "cross-site" }, true],
  ["HEAD", { origin: "http://evil.example" }, true],
  ["OPTIONS", { origin: "null" }, true],
];

for (const [method, headers, isServed, url] of cases) {
  const fields = JSON.stringify(headers);
  const name = `${method} with ${fields} is ${isServed ? "served" : "refused"}`;
  Deno.test(`${name}${url ? ` at ${url}` : ""}`, async () => {
    const request = new Request(url ?? "http://localhost:4221/files/a", {
      method,
      headers,
    });
    if (isServed) {
      const response = await handler(request, localInfo);
      assertEquals(await response.text(), "served");
    } else {
      const refused = () => handler(request, localInfo);
      assertEquals(assertThrows(refused, HttpError).status, 403);
    }
  });
}
