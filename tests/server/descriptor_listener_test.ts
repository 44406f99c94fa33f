/** A listener on a socket that another program has opened, by itself. */

import { assertEquals, assertRejects } from "@std/assert";
import { socketListener } from "../../mod.ts";
import { mayInherit } from "../cli/inherited_socket.ts";

/** Opens a socket, passes it on as descriptor 3, and talks to who has it. */
const client = `
import os, socket, subprocess, sys
listening = socket.create_server(("127.0.0.1", 0))
os.dup2(listening.fileno(), 3)
child = subprocess.Popen(sys.argv[1:], pass_fds=[3])
with socket.create_connection(("127.0.0.1", listening.getsockname()[1])) as conn:
    conn.sendall(b"x" * 1000000)
    conn.shutdown(socket.SHUT_WR)
    count = 0
    while octets := conn.recv(65536):
        count += octets.count(b"x")
# Both print to the same output: this one when the other has ended.
code = child.wait()
print(count)
sys.exit(code)
`;

Deno.test("a listener on a passed socket and its connections are as Deno's", {
  ignore: !mayInherit,
}, async () => {
  const program = new URL("inherited_echo.ts", import.meta.url).pathname;
  const { code, stdout } = await new Deno.Command("python3", {
    args: ["-c", client, Deno.execPath(), "run", "--no-prompt", program],
    env: { NO_COLOR: "1" },
    stderr: "inherit",
  }).output();
  const [told, echoed] = new TextDecoder().decode(stdout).trimEnd().split("\n");
  assertEquals(code, 0);
  assertEquals(echoed, "1000000");
  assertEquals(JSON.parse(told), {
    none: "BadResource",
    addr: "tcp",
  });
});

Deno.test("what is no socket is refused", async () => {
  for (const descriptor of [-1, 987_654, 1.5]) {
    await assertRejects(
      () => socketListener(descriptor),
      TypeError,
      `Cannot listen on descriptor ${descriptor}: `,
    );
  }
});
