/** Users, with the options that serve in another way or beside. */

import { assertEquals, assertMatch } from "@std/assert";
import { mayRunCommand, readmeFlags, runCommand, Site } from "./command.ts";
import { askAs, startGuarded } from "./guarded_command.ts";

const ignore = !mayRunCommand;
const accept = "text/html";

Deno.test("--index: an index page needs the rights of its own", {
  ignore,
}, async () => {
  await using running = await startGuarded(["--index"]);
  const { command, site } = running;
  for (const name of ["inbox", "private", "trash"]) {
    const path = `${site.path}/public/${name}/index.html`;
    await Deno.writeTextFile(path, `<p>Index of ${name}`);
  }
  for (
    const [as, path, status] of [
      ["alice", "private/", 200],
      ["alice", "private/index.html", 200],
      ["bob", "inbox/", 200],
      ["bob", "private/", 404],
      ["bob", "private/index.html", 404],
      ["bob", "private", 404],
      [undefined, "inbox/", 401],
      [undefined, "inbox/index.html", 401],
    ] as const
  ) {
    const answer = await askAs(command, `/files/${path}`, { as });
    assertEquals(answer.status, status, `${as} ${path}`);
    assertEquals(answer.text.startsWith("<p>Index"), status === 200);
  }
});

Deno.test("--admin: its own port has no file, and the other no metrics", {
  ignore,
}, async () => {
  await using running = await startGuarded(["--admin=127.0.0.1:0"]);
  const { command } = running;
  const line = await command.stderr.until(/^Metrics: /);
  const url = line.slice("Metrics: ".length);
  const admin = { url };
  for (const path of ["/", "/files/", "/files/inbox/here.txt", "/login"]) {
    for (const as of [undefined, "alice"]) {
      const { status } = await askAs(admin, path, { as, accept });
      assertEquals(status, 404, `${as} ${path}`);
    }
  }
  for (const [as, status] of [["bob", 404], [undefined, 401]] as const) {
    assertEquals((await askAs(command, "/-/metrics", { as })).status, status);
    const path = "/files/private/here.txt";
    assertEquals((await askAs(command, path, { as })).status, status);
  }
  // What is counted names no path that one may not read.
  const { text } = await askAs(admin, "/-/metrics");
  assertMatch(text, /route="\/files\/\*",status="404"/);
  assertEquals(/private|here\.txt|bob/.test(text), false);
});

for (
  const [option, why] of [
    ["--site", "a site has no users yet, omit --site and --spa"],
    ["--spa", "a site has no users yet, omit --site and --spa"],
    [
      "--workers=2",
      "each worker would count wrong passwords by itself, omit --workers",
    ],
    ["--xray", "X-ray would show passwords, omit --xray"],
  ]
) {
  Deno.test(`${option} does not start with users, as it would guard less`, {
    ignore,
  }, async () => {
    await using site = await Site.make();
    const flags = [...readmeFlags, "--allow-read=users"];
    const options = { cwd: site.path, flags };
    for (const users of ["--auth=users", "--password"]) {
      const { code, stderr } = await runCommand([users, option], options);
      const name = users.split("=")[0];
      assertEquals([code, stderr], [2, `Cannot use ${name}: ${why}\n`]);
    }
  });
}
