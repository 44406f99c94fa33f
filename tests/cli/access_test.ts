/** Each right, with each method, on each form of a path, over the network. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { hashPassword } from "../../lib/access/password_hash.ts";
import {
  type CommandOptions,
  mayRunCommand,
  readmeFlags,
  runCommand,
  type RunningCommand,
  Site,
  startCommand,
} from "./command.ts";

const ignore = !mayRunCommand;

const hash = ignore ? "" : await hashPassword("secret");

const LINES = `# For the tests
alice:${hash}
bob:${hash}:/=read /inbox=read,write /private=none /trash=read,delete
carol:${hash}:/private=read
frank:${hash}:/=read,write /secret=none
`;

const flags = [...readmeFlags, "--allow-read=users"];

/** The command with files and users, until disposed of. */
async function startWithUsers(
  more: string[] = [],
): Promise<AsyncDisposable & { site: Site; command: RunningCommand }> {
  const stack = new AsyncDisposableStack();
  const site = stack.use(await Site.make());
  const options: CommandOptions = { cwd: site.path, flags };
  await layOut(site);
  await Deno.writeTextFile(`${site.path}/users`, LINES);
  const args = ["--port=0", "--auth=users", "--delete", ...more];
  const command = stack.use(await startCommand(args, options));
  return { site, command, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** The files as they are at first. */
async function layOut({ path }: Site): Promise<void> {
  for (const name of ["inbox", "private", "trash"]) {
    const folder = `${path}/public/${name}`;
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Deno.mkdir(folder);
    await Deno.writeTextFile(`${folder}/here.txt`, name);
  }
}

interface Asked {
  method?: string;
  as?: string;
  headers?: Record<string, string>;
  body?: BodyInit;
}

/** Asks for a path that `fetch` does not normalize further. */
async function ask(
  { url }: RunningCommand,
  path: string,
  { method = "GET", as, headers = {}, body }: Asked = {},
): Promise<{ status: number; headers: Headers; text: string }> {
  const login = as && { authorization: `Basic ${btoa(`${as}:secret`)}` };
  const response = await fetch(new URL(path, url), {
    method,
    headers: { ...headers, ...login },
    body,
    redirect: "manual",
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

const CHALLENGE = 'Basic realm="Sluice", charset="UTF-8"';

Deno.test(
  "without a login nothing but health is to be had",
  { ignore },
  async () => {
    await using running = await startWithUsers();
    const { command } = running;
    for (
      const path of [
        "/",
        "/files/",
        "/files/inbox/here.txt",
        "/none",
        "/uploads/x",
      ]
    ) {
      for (
        const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"]
      ) {
        const { status, headers } = await ask(command, path, { method });
        assertEquals(status, 401, `${method} ${path}`);
        assertEquals(headers.get("www-authenticate"), CHALLENGE);
      }
    }
    const wrong = { authorization: `Basic ${btoa("alice:wrong")}` };
    for (const headers of [wrong, { authorization: "Bearer x" }]) {
      const { status } = await ask(command, "/files/", { headers });
      assertEquals(status, 401);
    }
    assertEquals((await ask(command, "/-/health")).status, 200);
    assertEquals((await ask(command, "/-/ready")).status, 200);
    assertEquals((await ask(command, "/page/style.css")).status, 200);
  },
);

/** What each user gets: of a path, the statuses of its methods. */
const table: [as: string, path: string, statuses: Record<string, number>][] = [
  ["alice", "inbox/here.txt", { GET: 200, HEAD: 200, PUT: 204, DELETE: 204 }],
  ["alice", "private/new.txt", { GET: 404, PUT: 201, DELETE: 204 }],
  ["bob", "inbox/here.txt", { GET: 200, HEAD: 200, PUT: 204, DELETE: 403 }],
  ["bob", "inbox/new.txt", { GET: 404, PUT: 201, POST: 201, DELETE: 403 }],
  ["bob", "inbox/sub/", { PUT: 201, GET: 200, DELETE: 403 }],
  ["bob", "trash/here.txt", { GET: 200, PUT: 403, POST: 403, DELETE: 204 }],
  ["bob", "other.txt", { GET: 404, PUT: 403, POST: 403, DELETE: 403 }],
  ["bob", "", { GET: 200, HEAD: 200, POST: 403 }],
  // Whatever the form of a path, it is the same path.
  ...[
    "private/here.txt",
    "private/none.txt",
    "private/",
    "private",
    "%70rivate/here.txt",
    "inbox/../private/here.txt",
    "inbox/%2e%2e/private/here.txt",
    "PRIVATE/here.txt",
    "private/here.txt?download",
    "private/?sort=size",
  ].map((path): typeof table[number] => [
    "bob",
    path,
    { GET: 404, HEAD: 404, PUT: 403, POST: 403, DELETE: 403 },
  ]),
  ["bob", "inbox%2f..%2fprivate/here.txt", { GET: 404, PUT: 400, DELETE: 400 }],
  ["bob", "private%2fhere.txt", { GET: 404, PUT: 400, DELETE: 400 }],
  ["carol", "private/here.txt", { GET: 200, PUT: 403, DELETE: 403 }],
  ["carol", "inbox/here.txt", { GET: 404, HEAD: 404, PUT: 403, DELETE: 403 }],
  ["carol", "", { GET: 404, POST: 403 }],
];

Deno.test(
  "each right allows its methods, on its paths only",
  { ignore },
  async (t) => {
    await using running = await startWithUsers();
    for (const [as, path, statuses] of table) {
      await t.step(`${as} ${path}`, async () => {
        await layOut(running.site);
        const found: Record<string, number> = {};
        for (const method of Object.keys(statuses)) {
          const body = method === "PUT" && !path.endsWith("/") ||
              method === "POST"
            ? "content"
            : undefined;
          const asked = { method, as, body };
          found[method] =
            (await ask(running.command, `/files/${path}`, asked)).status;
        }
        assertEquals(found, statuses);
      });
    }
  },
);

Deno.test(
  "a path one may not read is as one that is not there",
  { ignore },
  async () => {
    await using running = await startWithUsers();
    const { command } = running;
    for (const accept of ["*/*", "text/html", "application/json"]) {
      const paths = [
        "private/here.txt",
        "private/none.txt",
        "missing/none.txt",
      ];
      const told = await Promise.all(paths.map(async (path) => {
        const headers = { accept, "if-none-match": "*", range: "bytes=0-1" };
        const asked = { as: "bob", headers };
        const answer = await ask(command, `/files/${path}`, asked);
        const fields = [...answer.headers].filter(([name]) =>
          !["date", "content-security-policy"].includes(name)
        );
        // A page says what was asked for.
        const text = answer.text.replace(/nonce="[^"]*"/g, "")
          .replace(path, "");
        return { status: answer.status, fields, text };
      }));
      assertEquals(told[0].status, 404);
      assertEquals(told[1], told[0]);
      assertEquals(told[2], told[0]);
    }
  },
);

for (const path of ["/files/", "/"]) {
  Deno.test(
    `a list at ${path} lacks what one may not read, and its count too`,
    { ignore },
    async () => {
      await using running = await startWithUsers();
      const { command } = running;
      const names = async (as: string, query = "", accept = "text/plain") => {
        const asked = { as, headers: { accept } };
        return (await ask(command, path + query, asked)).text;
      };
      assertEquals(await names("alice"), "inbox/\nprivate/\ntrash/\n");
      assertEquals(await names("bob"), "inbox/\ntrash/\n");
      assertEquals(await names("bob", "?filter=priv"), "");
      assertEquals(
        await names("bob", "?sort=modified&limit=9"),
        "inbox/\ntrash/\n",
      );
      assert(!(await names("bob", "", "text/html")).includes("private"));
      assert(!(await names("bob", "", "application/json")).includes("private"));
      const asked = { as: "bob", headers: { accept: "application/json" } };
      const { headers } = await ask(command, `${path}?limit=2`, asked);
      assertEquals(headers.get("link"), null);
      assertEquals(headers.get("cache-control"), "private, no-cache");
      assertEquals((await ask(command, path, { as: "carol" })).status, 404);
    },
  );
}

Deno.test(
  "an upload goes on only for who may write its file",
  { ignore },
  async () => {
    await using running = await startWithUsers();
    const { command, site } = running;
    const begun = await ask(command, "/files/inbox/long.txt", {
      method: "PUT",
      as: "bob",
      headers: { "upload-complete": "?0" },
      body: "first ",
    });
    assertEquals(begun.status, 201);
    const location = begun.headers.get("location")!;
    const append = (as: string | undefined, more = "last") =>
      ask(command, location, {
        method: "PATCH",
        as,
        headers: {
          "content-type": "application/partial-upload",
          "upload-offset": "6",
          "upload-complete": "?1",
        },
        body: more,
      });
    for (const method of ["HEAD", "DELETE"]) {
      const { status } = await ask(command, location, { method, as: "carol" });
      assertEquals(status, 403);
    }
    assertEquals((await append(undefined)).status, 401);
    assertEquals((await append("carol")).status, 403);
    // A user who may write elsewhere learns no more than of an unknown upload.
    const users = `${LINES}dave:${hash}:/trash=read,write\n`;
    await Deno.writeTextFile(`${site.path}/users`, users);
    command.kill("SIGHUP");
    await command.stderr.until(/SIGHUP: the users are read again/);
    assertEquals((await append("dave")).status, 404);
    const head = await ask(command, location, { method: "HEAD", as: "bob" });
    assertEquals(head.headers.get("upload-offset"), "6");
    assertEquals((await append("bob")).status, 201);
    const text = await Deno.readTextFile(`${site.path}/public/inbox/long.txt`);
    assertEquals(text, "first last");
  },
);

Deno.test("tus: a name in a folder needs the right for it", {
  ignore,
}, async () => {
  await using running = await startWithUsers();
  const { command, site } = running;
  const tus = {
    "tus-resumable": "1.0.0",
    "content-type": "application/offset+octet-stream",
  };
  const begin = (as: string | undefined, folder: string, name: string) =>
    ask(command, `/files/${folder}`, {
      method: "POST",
      as,
      headers: {
        ...tus,
        "upload-length": "2",
        "upload-metadata": `filename ${btoa(name)}`,
      },
      body: "0",
    });
  for (
    const [as, folder, name, expected] of [
      [undefined, "inbox/", "a", 401],
      ["carol", "inbox/", "a", 403],
      ["bob", "", "a", 403],
      ["bob", "private/", "a", 403],
      ["frank", "", "secret", 403],
      ["frank", "", "SECRET", 403],
      ["frank", "", "open", 201],
      ["bob", "inbox/", "../private/a", 400],
      ["bob", "inbox/", ".hidden", 403],
      ["bob", "inbox/", "a", 201],
      ["alice", "private/", "a", 201],
    ] as const
  ) {
    const { status } = await begin(as, folder, name);
    assertEquals(status, expected, `${as} ${folder} ${name}`);
  }
  // And to go on with one, the right for its file.
  const begun = await begin("alice", "private/", "b");
  const location = begun.headers.get("location")!;
  const rest = { method: "PATCH", body: "1" };
  const headers = { ...tus, "upload-offset": "1" };
  for (const [as, expected] of [["bob", 404], ["alice", 204]] as const) {
    const { status } = await ask(command, location, { ...rest, as, headers });
    assertEquals(status, expected);
  }
  const text = await Deno.readTextFile(`${site.path}/public/private/b`);
  assertEquals(text, "01");
});

Deno.test("a removal needs the right for all, a form for its names", {
  ignore,
}, async () => {
  await using running = await startWithUsers();
  const { command, site } = running;
  const form = (as: string, path: string, ...names: string[]) => {
    const body = new FormData();
    for (const name of names) body.append("file", new File(["new"], name));
    return ask(command, path, { method: "POST", as, body });
  };
  await Deno.writeTextFile(
    `${site.path}/users`,
    `${LINES}erin:${hash}:/=read,write,delete /sub/private=none\n`,
  );
  command.kill("SIGHUP");
  await command.stderr.until(/SIGHUP: the users are read again/);
  await Deno.mkdir(`${site.path}/public/sub`);
  const status = async (...args: Parameters<typeof form>) =>
    (await form(...args)).status;
  assertEquals(await status("erin", "/files/sub/", "private"), 403);
  assertEquals(await status("erin", "/files/sub/", "PRIVATE"), 403);
  assertEquals(await status("erin", "/files/sub/", "private.gz"), 403);
  assertEquals(await status("erin", "/files/sub/", "a", "private", "b"), 403);
  assertEquals(await status("erin", "/files/sub/", "..", "b"), 400);
  assertEquals(await status("erin", "/files/sub/", "open"), 201);
  assertEquals(await status("erin", "/files/inbox/", "private"), 201);
  assertEquals(await status("bob", "/files/", "a"), 403);
  const names = [...Deno.readDirSync(`${site.path}/public/sub`)]
    .map(({ name }) => name).toSorted();
  assertEquals(names, ["a", "open"]);
  const remove = { method: "DELETE", as: "erin" };
  assertEquals((await ask(command, "/files/sub/", remove)).status, 403);
});

Deno.test("--public-read: anyone reads, users write", { ignore }, async () => {
  await using running = await startWithUsers(["--public-read"]);
  const { command } = running;
  const path = "/files/private/here.txt";
  assertEquals((await ask(command, path)).status, 200);
  assertEquals((await ask(command, "/files/")).status, 200);
  assertEquals((await ask(command, "/")).status, 200);
  for (const method of ["PUT", "DELETE"]) {
    assertEquals((await ask(command, path, { method })).status, 401);
    assertEquals((await ask(command, path, { method, as: "bob" })).status, 403);
  }
  const inbox = { method: "PUT", as: "bob", body: "x" };
  assertEquals((await ask(command, "/files/inbox/x", inbox)).status, 201);
});

Deno.test("SIGHUP reads the users again, and keeps them if one is wrong", {
  ignore,
}, async () => {
  await using running = await startWithUsers();
  const { command, site } = running;
  const status = async (as: string) =>
    (await ask(command, "/files/private/here.txt", { as })).status;
  assertEquals(await status("carol"), 200);
  await Deno.writeTextFile(`${site.path}/users`, "carol:wrong\n");
  command.kill("SIGHUP");
  await command.stderr.until(/SIGHUP: the users stay as they were: .*line 1:/);
  assertEquals(await status("carol"), 200);
  await Deno.writeTextFile(`${site.path}/users`, `alice:${hash}\n`);
  command.kill("SIGHUP");
  await command.stderr.until(/SIGHUP: the users are read again/);
  assertEquals(await status("carol"), 401);
  assertEquals(await status("alice"), 200);
});

Deno.test(
  "wrong users end the start with what to change",
  { ignore },
  async () => {
    await using site = await Site.make();
    const options = { cwd: site.path, flags };
    const run = async (text: string, more: string[] = []) => {
      await Deno.writeTextFile(`${site.path}/users`, text);
      const args = ["--port=0", "--auth=users", ...more];
      return await runCommand(args, options);
    };
    const wrong = await run(`${LINES}eve\n`);
    assertEquals(wrong.code, 2);
    assertMatch(wrong.stderr, /"users", line 6: write name:hash/);
    for (
      const [option, advice] of [["--xray", "passwords"], ["--site", "site"]]
    ) {
      const { code, stderr } = await run(LINES, [option]);
      assertEquals(code, 2);
      assertMatch(stderr, new RegExp(advice));
    }
    const served = { cwd: site.path, flags: readmeFlags };
    await Deno.writeTextFile(`${site.path}/public/users`, LINES);
    const inside = await runCommand(["--auth=public/users"], served);
    assertEquals(inside.code, 1);
    assertMatch(inside.stderr, /is among the served files, move it out/);
    const denied = await runCommand(["--auth=users"], served);
    assertEquals(denied.code, 1);
    assertMatch(denied.stderr, /add --allow-read=users/);
  },
);

Deno.test("people log in by a form, and out again", { ignore }, async () => {
  await using running = await startWithUsers();
  const { command, site } = running;
  const html = { accept: "text/html" };
  const asked = await ask(command, "/files/inbox/?sort=size", {
    headers: html,
  });
  assertEquals(asked.status, 303);
  const login = asked.headers.get("location")!;
  assertEquals(login, "/login?to=%2Ffiles%2Finbox%2F%3Fsort%3Dsize");
  const page = await ask(command, login, { headers: html });
  assertEquals(page.status, 200);
  assertEquals(page.headers.get("cache-control"), "no-store");
  assertMatch(page.headers.get("content-security-policy")!, /'none'/);
  assertMatch(page.text, /name="to" value="\/files\/inbox\/\?sort=size"/);
  const send = (fields: Record<string, string>, headers = {}) =>
    ask(command, "/login", {
      method: "POST",
      headers,
      body: new URLSearchParams({ to: "/files/inbox/", ...fields }),
    });
  const wrong = await send({ name: "bob", password: "wrong" });
  assertEquals(wrong.status, 403);
  assertEquals(wrong.headers.get("set-cookie"), null);
  const long = await send({ name: "bob", password: "x".repeat(9000) });
  assertEquals(long.status, 413);
  const bob = { name: "bob", password: "secret" };
  const foreign = await send(bob, { origin: "http://evil.example" });
  assertEquals(foreign.status, 403);
  assertEquals(foreign.headers.get("set-cookie"), null);
  for (
    const to of [
      "//evil.example/",
      "http://evil.example",
      "/.//evil",
      "\\\\e",
      // Its origin is that of the URL inside.
      `blob:${command.url}`,
    ]
  ) {
    const { headers } = await send({ ...bob, to });
    assertEquals(headers.get("location"), "/files/", to);
  }
  const right = await send(bob);
  assertEquals(right.status, 303);
  assertEquals(right.headers.get("location"), "/files/inbox/");
  const set = right.headers.get("set-cookie")!;
  assertMatch(set, /; HttpOnly; SameSite=Lax$/);
  const cookie = set.split(";")[0];
  const status = async (path: string, asked: Asked = {}) => {
    const headers = { cookie, ...asked.headers };
    return (await ask(command, path, { ...asked, headers })).status;
  };
  assertEquals(await status("/files/inbox/here.txt"), 200);
  assertEquals(await status("/files/private/here.txt"), 404);
  const change = { method: "PUT", body: "x" };
  assertEquals(await status("/files/inbox/a", change), 201);
  assertEquals(await status("/files/a", change), 403);
  const forged = { ...change, headers: { origin: "http://evil.example" } };
  assertEquals(await status("/files/inbox/a", forged), 403);
  const out = await ask(command, "/logout", { method: "POST" });
  assertMatch(out.headers.get("set-cookie")!, /^sluice-login=; .*Max-Age=0/);
  const keys = `${site.path}/public/.sluice-state/login-keys`;
  assertEquals((await Deno.stat(keys)).mode! & 0o777, 0o600);
  assertEquals(await status("/files/.sluice-state/login-keys"), 404);
  // Another process with the same folder knows the login.
  const options = { cwd: site.path, flags };
  await using other = await startCommand(
    ["--port=0", "--auth=users"],
    options,
  );
  const there = await ask(other, "/files/inbox/here.txt", {
    headers: { cookie },
  });
  assertEquals(there.status, 200);
  const changed = `bob:${await hashPassword("another")}`;
  await Deno.writeTextFile(`${site.path}/users`, changed);
  command.kill("SIGHUP");
  await command.stderr.until(/SIGHUP: the users are read again/);
  assertEquals(await status("/files/inbox/here.txt"), 401);
});

Deno.test("--password: one for this run, with any name or by a link", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await Deno.writeTextFile(`${site.path}/public/a.txt`, "text");
  const args = ["--port=0", "--password"];
  const options = { cwd: site.path, ready: /^Password: / };
  await using command = await startCommand(args, options);
  const line = await command.stderr.until(/^Password: /);
  const [, password, link] =
    /^Password: ([a-z2-9]{16}) \(with any name\), or open (\S+)$/.exec(line)!;
  const get = (login: string) =>
    ask(command, "/files/a.txt", {
      headers: { authorization: `Basic ${btoa(login)}` },
    });
  assertEquals((await ask(command, "/files/a.txt")).status, 401);
  assertEquals((await get(`me:${password}`)).text, "text");
  assertEquals((await get(`:${password}`)).text, "text");
  assertEquals((await get("me:wrong")).status, 401);
  // What a page of another site can make a browser ask for guesses nothing.
  for (let time = 0; time < 6; time++) {
    const headers = { "sec-fetch-dest": time % 2 ? "image" : "iframe" };
    const guess = await ask(command, "/login?key=wrong", { headers });
    assertEquals(guess.status, 200);
  }
  const opened = await ask(command, link);
  assertEquals(opened.status, 303);
  assertEquals(opened.headers.get("location"), "/files/");
  const cookie = opened.headers.get("set-cookie")!.split(";")[0];
  const inside = await ask(command, "/files/a.txt", { headers: { cookie } });
  assertEquals(inside.status, 200);
  const wrong = await ask(command, "/login?key=wrong");
  assertEquals(wrong.headers.get("set-cookie"), null);
  const logged = await command.stdout.until(/GET "?\/login/);
  assert(!logged.includes(password), logged);
  // The next run has another one.
  await using next = await startCommand(args, options);
  const there = await ask(next, "/files/a.txt", { headers: { cookie } });
  assertEquals(there.status, 401);
});

Deno.test(
  "--auth: a link with a password does not log in",
  { ignore },
  async () => {
    await using running = await startWithUsers();
    const { headers } = await ask(running.command, "/login?key=secret");
    assertEquals(headers.get("set-cookie"), null);
  },
);

/** What `sluice link` prints; the starter of other tests adds an option. */
async function makeLink(
  { path }: Site,
  args: string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const main = new URL("../../main.ts", import.meta.url).href;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read=public", main, "link", ...args],
    cwd: path,
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout).trim(),
    stderr: decoder.decode(stderr),
  };
}

Deno.test(
  "sluice link: reads or uploads one file until its end",
  { ignore },
  async () => {
    await using running = await startWithUsers();
    const { command, site } = running;
    const read = await makeLink(site, ["private/here.txt", "--for", "2h"]);
    const link = read.stdout;
    assertMatch(link, /^\/files\/private\/here\.txt\?expires=\d+&signature=/);
    const got = await ask(command, link);
    assertEquals(got.text, "private");
    assertEquals(got.headers.get("cache-control"), "private, no-cache");
    const encoded = link.replace("private", "%70rivate");
    assertEquals((await ask(command, encoded)).text, "private");
    assertEquals((await ask(command, `${link}&download`)).text, "private");
    for (
      const other of [
        link.replace("here", "none"),
        link.replace("private/here.txt", "private/"),
        link.replace("private/here.txt", "inbox/here.txt"),
        link.replace(/expires=\d/, "expires=9"),
        link.replace(/signature=./, "signature=_"),
        link.replace(/expires=\d+&/, ""),
      ]
    ) {
      for (const as of [undefined, "alice"]) {
        assertEquals((await ask(command, other, { as })).status, 403, other);
      }
    }
    const put = { method: "PUT", body: "new" };
    assertEquals((await ask(command, link, put)).status, 403);
    for (const method of ["POST", "DELETE", "OPTIONS"]) {
      assertEquals((await ask(command, link, { method })).status, 401);
    }
    const query = link.slice(link.indexOf("?"));
    assertEquals((await ask(command, `/${query}`)).status, 401);
    const given = await makeLink(site, ["inbox/a b", "--for=30m", "--upload"]);
    assertMatch(given.stdout, /^\/files\/inbox\/a%20b\?/);
    assertEquals((await ask(command, given.stdout)).status, 403);
    // What is kept of an upload takes space, and no link can resume it.
    for (
      const headers of [
        { "upload-complete": "?0" },
        { "upload-complete": "?1" },
        { "upload-incomplete": "?0", "upload-draft-interop-version": "3" },
      ] as Record<string, string>[]
    ) {
      const begun = await ask(command, given.stdout, { ...put, headers });
      assertEquals(begun.status, 403);
      assertEquals(begun.headers.get("location"), null);
    }
    assertEquals((await ask(command, given.stdout, put)).status, 201);
    assertEquals(
      await Deno.readTextFile(`${site.path}/public/inbox/a b`),
      "new",
    );
    const elsewhere = given.stdout.replace("a%20b", "c");
    assertEquals((await ask(command, elsewhere, put)).status, 403);
  },
);

Deno.test("sluice link: says what to type instead", { ignore }, async () => {
  await using site = await Site.make();
  for (
    const [args, code, message] of [
      [[], 2, "write sluice link PATH --for 2h"],
      [["a"], 2, "write sluice link PATH --for 2h"],
      [["a", "b", "--for", "2h"], 2, "write sluice link PATH --for 2h"],
      [["a", "--for", "2h", "--up"], 2, "write sluice link PATH --for 2h"],
      [["a", "--for", "2"], 2, 'got "2", write a time such as 30m, 2h or 7d'],
      [["a/", "--for", "2h"], 2, "name a file as below /files"],
      [["../a", "--for", "2h"], 2, "name a file as below /files"],
      [[".env", "--for", "2h"], 2, "name a file as below /files"],
      [["a", "--for", "2h"], 1, "no server has made a key in this directory"],
    ] as const
  ) {
    const result = await makeLink(site, [...args]);
    assertEquals(result.code, code, args.join(" "));
    assert(result.stderr.includes(message), result.stderr);
  }
});
