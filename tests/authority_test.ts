import { assertEquals } from "@std/assert";
import { hostOf, isLoopbackHost } from "../lib/authority.ts";

const hosts: [authority: string, host: string, isLoopback: boolean][] = [
  ["localhost", "localhost", true],
  ["LOCALHOST.:81", "localhost", true],
  ["a.localhost:1", "a.localhost", true],
  ["127.0.0.1", "127.0.0.1", true],
  ["127.1:80", "127.0.0.1", true],
  ["0x7f.0.0.2:8080", "127.0.0.2", true],
  ["[::1]", "[::1]", true],
  ["[0::1]:4221", "[::1]", true],
  ["a.example.:4221", "a.example", false],
  ["xlocalhost", "xlocalhost", false],
  ["localhost..", "localhost.", false],
  ["128.0.0.1", "128.0.0.1", false],
  ["127.0.0.1.example", "127.0.0.1.example", false],
  ["[::ffff:127.0.0.1]:1", "[::ffff:7f00:1]", false],
];
for (const [authority, host, isLoopback] of hosts) {
  Deno.test(`hostOf() takes ${host} out of ${authority}`, () => {
    for (const rest of ["", "/a:1/b.", "/?a:2"]) {
      for (const scheme of ["http", "https"]) {
        const { href } = new URL(`${scheme}://${authority}${rest}`);
        assertEquals(hostOf(href), host);
      }
    }
    assertEquals(isLoopbackHost(host), isLoopback);
  });
}
