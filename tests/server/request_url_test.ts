/** A lazy request's URL is that of a real one. */

import { assertEquals } from "@std/assert";
import { connect } from "../support/conversation.ts";

Deno.test("the URL is the one that new Request would write", async () => {
  const targets = [
    ..."/ /a /a/b?c=d /a//b // /a/./b /a/../b /.a /a. /a/. /a/.. /../a".split(
      " ",
    ),
    ..."/%2e%2E/a /a/%2e/b /%41%zz% /a?/../b /a?%2e ///a/..//b".split(" "),
    ..."/a?'b /a'b /a|b^c`d{e}f /a\"b<c>d /a?\"b<c>d /[a] /a:b@c;d=e,f".split(
      " ",
    ),
    ..."/~!$&()*+-_ /a?b?c http://H:80 http://Other:81/./x http://h?a".split(
      " ",
    ),
  ];
  const hosts = [
    "h",
    "EXAMPLE.org:80",
    "127.1",
    "[0:0:0:0:0:0:0:1]:8080",
    "h:",
  ];
  const expected: string[] = [];
  const seen: string[] = [];
  const { pipe, done } = connect({
    handler: ({ url }) => {
      seen.push(url);
      return new Response();
    },
  });
  for (const host of hosts) {
    for (const target of targets) {
      const url = target.startsWith("/") ? `http://${host}${target}` : target;
      expected.push(new Request(url).url);
      pipe.send(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    }
  }
  pipe.send(null);
  await done;
  assertEquals(seen, expected);
});
