/** Which client an address stands for. */

import { assertEquals } from "@std/assert";
import { networkOf } from "../../lib/wire/ip_address.ts";

for (
  const [hostname, network] of [
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:0001:2::", "2001:db8:1:2::/64"],
    ["2001:db8::7", "2001:db8:0:0::/64"],
    ["2001:db8::3:4:5:6", "2001:db8:0:0::/64"],
    ["1::3:4:5:6:7:8", "1:0:3:4::/64"],
    ["::2:3:4:5:6:7:8", "0:2:3:4::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["fe80::2%3", "fe80:0:0:0::/64"],
    ["not:an:address", "not:an:address"],
    ["a.example", "a.example"],
  ]
) {
  Deno.test(`${hostname} is a client in ${network}`, () => {
    assertEquals(networkOf(hostname), network);
  });
}
