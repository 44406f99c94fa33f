/**
 * What is loaded when a request needs it first is loaded with the permissions
 * that the README gives, though the command has given back the rest by then.
 */

import { assertEquals } from "@std/assert";
import { mayRunCommand, Site, startCommand } from "./command.ts";

const ignore = !mayRunCommand;

/** RFC 9530 appendix D: of `{"hello": "world"}` and LF. */
const content = '{"hello": "world"}\n';
const digest = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";

Deno.test(
  { name: "the table of media types, and digests", ignore },
  async () => {
    await using site = await Site.make();
    await using command = await startCommand(["--port=0"], { cwd: site.path });
    const url = `${command.url}files/hello.json`;
    const sent = await fetch(url, {
      method: "PUT",
      headers: { "content-digest": digest },
      body: content,
    });
    await sent.body?.cancel();
    assertEquals(sent.status, 201);
    const asked = { headers: { "want-repr-digest": "sha-256=1" } };
    // The first two come while it is loaded.
    const answers = await Promise.all([fetch(url, asked), fetch(url, asked)]);
    for (const response of [...answers, await fetch(url, asked)]) {
      assertEquals(await response.text(), content);
      assertEquals(
        response.headers.get("content-type"),
        "application/json; charset=UTF-8",
      );
      assertEquals(response.headers.get("repr-digest"), digest);
    }
  },
);

Deno.test({ name: "a site's table of media types", ignore }, async () => {
  await using site = await Site.make();
  await Deno.writeTextFile(`${site.path}/public/a.css`, "");
  await using command = await startCommand(["--port=0", "--site"], {
    cwd: site.path,
  });
  const response = await fetch(`${command.url}a.css`);
  await response.body?.cancel();
  assertEquals(response.headers.get("content-type"), "text/css; charset=UTF-8");
});
