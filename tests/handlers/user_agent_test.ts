/** The value of User-Agent, octet for octet. */

import { assertEquals } from "@std/assert";
import { userAgent } from "../../lib/handlers/user_agent.ts";
import { localInfo } from "./local_info.ts";

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
