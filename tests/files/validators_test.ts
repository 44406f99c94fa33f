/** PUT, POST and DELETE under preconditions, with digests, and of forms. */

import { assert, assertEquals } from "@std/assert";
import { Directory } from "../../lib/files/directory.ts";
import { download } from "../../lib/files/download.ts";
import { removal } from "../../lib/files/removal.ts";
import { upload } from "../../lib/files/upload.ts";
import { validatorsOf } from "../../lib/files/validators.ts";
import {
  ask,
  makeScratch,
  namesIn,
  noDisk as ignore,
  serving,
  statusOf,
} from "./scratch.ts";

const put = (body: BodyInit, headers?: HeadersInit) => (
  { method: "PUT", body, headers }
);

Deno.test("RFC 9110 §9.3.4: PUT tells a new file from a replaced one", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(upload, scratch.root);
  const get = await serving(download, scratch.root);
  const tags = new Set();
  for (const [at, content] of ["first", "other", "third"].entries()) {
    const response = await ask(handler, "sub/a%20b.txt", put(content));
    assertEquals(response.status, at === 0 ? 201 : 204);
    const location = at === 0 ? "/files/sub/a%20b.txt" : null;
    assertEquals(response.headers.get("location"), location);
    const read = await ask(get, "sub/a%20b.txt");
    assertEquals(await read.text(), content);
    assertEquals(response.headers.get("etag"), read.headers.get("etag"));
    tags.add(read.headers.get("etag"));
  }
  assertEquals(tags.size, 3);
  assertEquals(await namesIn(`${scratch.root}/sub`), ["a b.txt"]);
});

Deno.test("RFC 9110 §8.8.3: no tag stands for two contents", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(upload, scratch.root);
  const tags = new Set();
  for (let version = 0; version < 200; version++) {
    const content = String(version).padStart(3, "0");
    const { headers } = await ask(handler, "a", put(content));
    tags.add(headers.get("etag"));
  }
  assertEquals(tags.size, 200);
});

Deno.test("RFC 9110 §13.1: a PUT changes what its client saw, or nothing", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(upload, scratch.root);
  const text = () => Deno.readTextFile(`${scratch.root}/a`);
  const absent = { "if-match": "*" };
  assertEquals(await statusOf(ask(handler, "a", put("x", absent))), 412);
  assertEquals(await namesIn(scratch.root), []);
  const isNew = { "if-none-match": "*" };
  assertEquals(await statusOf(ask(handler, "a", put("old", isNew))), 201);
  assertEquals(await statusOf(ask(handler, "a", put("x", isNew))), 412);
  const { headers } = await ask(handler, "a", put("new"));
  const seen = { "if-match": headers.get("etag")! };
  assertEquals(await statusOf(ask(handler, "a", put("mine", seen))), 204);
  assertEquals(await statusOf(ask(handler, "a", put("x", seen))), 412);
  assertEquals(await text(), "mine");
  assertEquals(await namesIn(scratch.root), ["a"]);
});

Deno.test("who read a file in gzip may replace what it saw", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const path = `${scratch.root}/a.txt`;
  await Deno.writeTextFile(path, "old ".repeat(1000));
  const handler = await serving(upload, scratch.root);
  const get = await serving(download, scratch.root);
  const headers = { "accept-encoding": "gzip" };
  const read = await ask(get, "a.txt", { headers });
  const tag = read.headers.get("etag")!;
  assertEquals(read.headers.get("content-encoding"), "gzip");
  await read.body?.cancel();
  const plain = await ask(get, "a.txt");
  const strong = plain.headers.get("etag")!;
  await plain.body?.cancel();
  const weak = { "if-match": `W/${strong}` };
  assertEquals(await statusOf(ask(handler, "a.txt", put("x", weak))), 412);
  const seen = { "if-match": `"x", ${tag}` };
  assertEquals(await statusOf(ask(handler, "a.txt", put("new", seen))), 204);
  assertEquals(await statusOf(ask(handler, "a.txt", put("x", seen))), 412);
  assertEquals(await Deno.readTextFile(path), "new");
});

Deno.test("a precondition that fails leaves the content unread", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a`, "old");
  const handler = await serving(upload, scratch.root);
  let isRead = false;
  const body = new ReadableStream({
    pull() {
      isRead = true;
    },
  }, { highWaterMark: 0 });
  const request = put(body, { "if-none-match": "*" });
  assertEquals(await statusOf(ask(handler, "a", request)), 412);
  assert(!isRead);
});

Deno.test("what changes while it is sent is not overwritten", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const path = `${scratch.root}/a`;
  for (
    const [condition, before, change] of [
      ["if-none-match", undefined, () => Deno.writeTextFile(path, "theirs")],
      ["if-match", "old", () => Deno.writeTextFile(path, "theirs")],
      ["if-match", "old", () => Deno.remove(path)],
    ] as const
  ) {
    await Deno.remove(path).catch(() => {});
    if (before) await Deno.writeTextFile(path, before);
    const handler = await serving(upload, scratch.root);
    const body = new ReadableStream({
      async pull(controller) {
        await change();
        controller.enqueue(new TextEncoder().encode("mine"));
        controller.close();
      },
    }, { highWaterMark: 0 });
    const request = put(body, { [condition]: "*" });
    if (condition === "if-match") {
      const get = await serving(download, scratch.root);
      const { headers, body: read } = await ask(get, "a");
      await read?.cancel();
      request.headers = { "if-match": headers.get("etag")! };
    }
    assertEquals(await statusOf(ask(handler, "a", request)), 412);
    const left = await Deno.readTextFile(path).catch(() => "nothing");
    assert(left === "theirs" || left === "nothing");
    assertEquals((await namesIn(scratch.root)).filter((it) => it !== "a"), []);
  }
});

/** Content after which something happens, once its writer looks for the name. */
function thenAfterLook(path: string, act: () => void) {
  const { realPathSync } = Deno;
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode("mine"));
      controller.close();
      Deno.realPathSync = (asked) => {
        try {
          return realPathSync(asked);
        } finally {
          if (asked === path) act();
        }
      };
    },
  }, { highWaterMark: 0 });
  const restore = () => {
    Deno.realPathSync = realPathSync;
  };
  return { body, [Symbol.dispose]: restore };
}

Deno.test("what arrives when a writer has just found nothing stays", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const path = `${scratch.root}/a`;
  const handler = await serving(upload, scratch.root);
  using content = thenAfterLook(path, () => {
    Deno.writeTextFileSync(path, "theirs");
  });
  const request = put(content.body, { "if-none-match": "*" });
  assertEquals(await statusOf(ask(handler, "a", request)), 412);
  assertEquals(await Deno.readTextFile(path), "theirs");
  assertEquals(await namesIn(scratch.root), ["a"]);
});

Deno.test("a link that was made although its maker was told otherwise counts", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(upload, scratch.root);
  const { link } = Deno;
  Deno.link = async (...names) => {
    await link(...names);
    throw new Deno.errors.AlreadyExists("File exists (os error 17)");
  };
  try {
    const request = put("mine", { "if-none-match": "*" });
    assertEquals(await statusOf(ask(handler, "a", request)), 201);
  } finally {
    Deno.link = link;
  }
  assertEquals(await Deno.readTextFile(`${scratch.root}/a`), "mine");
  assertEquals(await namesIn(scratch.root), ["a"]);
});

Deno.test("directories that an upload made go with it when it fails", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.mkdir(`${scratch.root}/kept`);
  const handler = await serving(upload, scratch.root);
  const body = new ReadableStream({
    pull: (controller) => controller.error(new Error("gone")),
  });
  assertEquals(await statusOf(ask(handler, "kept/a/b/c", put(body))), 400);
  assertEquals(await namesIn(scratch.root), ["kept"]);
  assertEquals(await namesIn(`${scratch.root}/kept`), []);
});

const sha256 = "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=";
const content = '{"hello": "world"}\n';

Deno.test("RFC 9530: a digest is verified, and given back", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(upload, scratch.root);
  const right = `sha-256=:${sha256}:`;
  const wrong = `sha-256=:${sha256.replace("R", "S")}:`;
  for (const name of ["content-digest", "repr-digest"]) {
    const bad = put(content, { [name]: wrong });
    assertEquals(await statusOf(ask(handler, "a", bad)), 400);
    assertEquals(await namesIn(scratch.root), []);
    const malformed = put(content, { [name]: "sha-256=1" });
    assertEquals(await statusOf(ask(handler, "a", malformed)), 400);
    const good = put(content, { [name]: right });
    assertEquals(await statusOf(ask(handler, "a", good)), 201);
    await Deno.remove(`${scratch.root}/a`);
  }
  for (
    const [name, value] of [
      ["want-repr-digest", "sha-256=1"],
      ["repr-digest", right],
    ]
  ) {
    const { headers } = await ask(
      handler,
      "a",
      put(content, { [name]: value }),
    );
    assertEquals(headers.get("repr-digest"), right);
  }
});

Deno.test("RFC 9110 §9.3.5: DELETE removes what its client saw, or nothing", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a`, "old");
  await Deno.mkdir(`${scratch.root}/sub`);
  await Deno.writeTextFile(`${scratch.path}/outside`, "");
  await Deno.symlink("../outside", `${scratch.root}/link`);
  await Deno.symlink("..", `${scratch.root}/up`);
  const handler = await serving(removal, scratch.root);
  const remove = (path: string, headers?: HeadersInit) =>
    statusOf(ask(handler, path, { method: "DELETE", headers }));
  assertEquals(await remove("nothing"), 404);
  assertEquals(await remove("sub"), 409);
  assertEquals(await remove("up/outside"), 404);
  assertEquals(await remove(".hidden"), 403);
  assertEquals(await remove("a", { "if-match": '"x"' }), 412);
  assertEquals(await remove("a", { "if-match": "*" }), 204);
  assertEquals(await remove("a"), 404);
  // The link goes, and not what it leads to.
  assertEquals(await remove("link"), 204);
  assertEquals(await namesIn(scratch.root), ["sub", "up"]);
  assertEquals(await namesIn(scratch.path), ["outside", "root"]);
});

Deno.test("RFC 7578: a form stores its files in a directory", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(upload, scratch.root);
  const form = () => {
    const form = new FormData();
    form.append("comment", "not a file");
    form.append("file", new File(["one"], "a b%.txt"));
    form.append("file", new File(["two"], "../\u20ac"));
    form.append("file", new File([], ""));
    return form;
  };
  const response = await ask(handler, "sub/", { method: "POST", body: form() });
  assertEquals(response.status, 201);
  const paths = "/files/sub/a%20b%25.txt\n/files/sub/%E2%82%AC\n";
  assertEquals(await response.text(), paths);
  const names = await namesIn(`${scratch.root}/sub`);
  assertEquals(names, ["a b%.txt", "\u20ac"]);

  const browser = await ask(handler, "", {
    method: "POST",
    body: form(),
    headers: { accept: "text/html" },
  });
  assertEquals(browser.status, 303);
  assertEquals(browser.headers.get("location"), "./");

  const named = { method: "POST", body: form() };
  assertEquals(await statusOf(ask(handler, "a", named)), 415);
  const empty = { method: "POST", body: new FormData() };
  assertEquals(await statusOf(ask(handler, "", empty)), 400);
  const nameless = new FormData();
  nameless.append("file", new File(["x"], "a/"));
  const lost = { method: "POST", body: nameless };
  assertEquals(await statusOf(ask(handler, "", lost)), 400);
  const hidden = new FormData();
  hidden.append("file", new File(["x"], ".hidden"));
  const refused = { method: "POST", body: hidden };
  assertEquals(await statusOf(ask(handler, "", refused)), 403);
});

Deno.test("two directories of one place keep one order", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handlers = [
    upload(await Directory.open(scratch.root)),
    upload(await Directory.open(scratch.root)),
  ];
  const statuses = await Promise.all(
    Array.from({ length: 40 }, (_, at) => {
      const request = put(`${at}`, { "if-none-match": "*" });
      return statusOf(ask(handlers[at % 2], "a", request));
    }),
  );
  assertEquals(statuses.filter((status) => status === 201).length, 1);
  assertEquals(statuses.filter((status) => status === 412).length, 39);
});

function tagOf(ino: number, size: number, time: number): string {
  const info = { ino, size, mtime: new Date(time) } as Deno.FileInfo;
  return validatorsOf(info).entityTag;
}

Deno.test("files that differ in anything have tags that differ", () => {
  const tags = [
    tagOf(1, 11, 5),
    tagOf(11, 1, 5),
    tagOf(1, 1, 15),
    tagOf(1, 11, 6),
    tagOf(2, 11, 5),
  ];
  assertEquals(new Set(tags).size, tags.length);
  assertEquals(tagOf(1, 11, 5), tags[0]);
});
