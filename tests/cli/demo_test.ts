/** The text of a path, percent-decoded, or 400; and the value of User-Agent. */

import { assertEquals, assertThrows } from "@std/assert";
import { echo, userAgent } from "../../lib/cli/demo.ts";
import { HttpError } from "../../lib/errors.ts";
import { route } from "../../lib/router/router.ts";
import { localInfo } from "../support/local_info.ts";

const pattern = new URLPattern({ pathname: "/echo/*" });
const handler = route([{ method: "GET", pattern, handler: echo }]);
const get = (path: string) =>
  handler(new Request(`http://localhost${path}`), localInfo);

for (
  const [path, expected] of [
    ["/echo/abc", "abc"],
    ["/echo/", ""],
    ["/echo/a%20b+c", "a b+c"],
    ["/echo/a/b//c/", "a/b//c/"],
    ["/echo/%2F%2e%2E%2f", "/../"],
    ["/echo/abc?query", "abc"],
    ["/echo/%E2%82%AC", "€"],
    ["/echo/€", "€"],
    ["/echo/%00%0D%0A", "\0\r\n"],
    ["/echo/%F0%9F%98%80", "😀"],
    ["/echo/%25", "%"],
    ["/echo/%2525", "%25"],
    ["/echo/<b>", "<b>"],
    ["/echo/%EF%BB%BFa", "\uFEFFa"],
  ]
) {
  Deno.test(`echo of ${path}`, async () => {
    const response = await get(path);
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-type"), "text/plain");
    assertEquals(response.headers.get("x-content-type-options"), "nosniff");
    const octets = new Uint8Array(await response.arrayBuffer());
    assertEquals(octets, new TextEncoder().encode(expected));
  });
}

for (
  const path of [
    "/echo/%",
    "/echo/%4",
    "/echo/%zz",
    "/echo/a%",
    "/echo/%FF",
    "/echo/%C3%28",
    "/echo/%ED%A0%80",
    "/echo/%C0%AF",
    "/echo/%E2%82",
  ]
) {
  Deno.test(`echo refuses ${path}`, () => {
    assertEquals(assertThrows(() => get(path), HttpError).status, 400);
  });
}

for (
  const [name, value, octets] of [
    ["a name", "foobar/1.2.3", [...new TextEncoder().encode("foobar/1.2.3")]],
    ["an absent one", undefined, []],
    ["an empty one", "", []],
    ["RFC 9110 §5.5: obs-text", "\x80\x9f\xe9\xff", [0x80, 0x9f, 0xe9, 0xff]],
  ] as [string, string | undefined, number[]][]
) {
  Deno.test(`user agent: ${name}`, async () => {
    const headers = new Headers();
    if (value !== undefined) headers.set("user-agent", value);
    const request = new Request("http://localhost/user-agent", { headers });
    const response = await userAgent(request, localInfo);
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-type"), "text/plain");
    assertEquals(response.headers.get("x-content-type-options"), "nosniff");
    assertEquals([...await response.bytes()], octets);
  });
}
