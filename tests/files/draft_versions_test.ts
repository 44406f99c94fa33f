/** draft-ietf-httpbis-resumable-upload, as its versions 3 to 8 say it. */

import { assertEquals, assertMatch } from "@std/assert";
import type { Handler, PortableInfo } from "../../lib/handler.ts";
import { ask, broken, type Fields, open } from "./resumable.ts";
import { makeScratch, namesIn, noDisk as ignore } from "./scratch.ts";

/** How each version says it. */
const versions = [
  { version: 3, part: ["upload-incomplete", "?1"], limit: null },
  { version: 4, part: ["upload-complete", "?0"], limit: null },
  { version: 5, part: ["upload-complete", "?0"], limit: null },
  { version: 6, part: ["upload-complete", "?0"], limit: "expires" },
  { version: 7, part: ["upload-complete", "?0"], limit: "max-age" },
  { version: 8, part: ["upload-complete", "?0"], limit: "max-age" },
] as const;

/** The fields of a version for a request that leaves, or ends, an upload. */
function fieldsOf(
  { version, part: [name, value] }: (typeof versions)[number],
) {
  const said = { "upload-draft-interop-version": version };
  const type = version < 6
    ? undefined
    : { "content-type": "application/partial-upload" };
  return {
    said,
    part: { ...said, [name]: value },
    whole: { ...said, [name]: value === "?1" ? "?0" : "?1" },
    /** What PATCH needs besides. */
    at: (offset: number) => ({ ...type, "upload-offset": offset }),
  };
}

for (const how of versions) {
  const { version, limit, part: [name, isPart] } = how;
  const isWhole = isPart === "?1" ? "?0" : "?1";
  const { said, part, whole, at } = fieldsOf(how);
  const isOld = version < 7;

  Deno.test(`version ${version}: a 104, a break, and the rest`, {
    ignore,
  }, async () => {
    await using scratch = await makeScratch();
    const handler = await open(scratch.root, { maxSize: 99 });
    const first = await ask(
      handler,
      "POST",
      "/files/a",
      whole,
      broken("0123"),
    );
    const [{ status, headers }] = first.interim;
    assertEquals(status, 104);
    const told = "upload-draft-interop-version";
    assertEquals(headers.get(told), `${version}`);
    const path = headers.get("location")!;
    assertMatch(path, /^\/uploads\/[\da-f-]{36}$/);

    const head = await ask(handler, "HEAD", path, said);
    assertEquals(head.status, 204);
    assertEquals(head.headers.get("upload-offset"), "4");
    assertEquals(head.headers.get(name), isPart);
    assertEquals(head.headers.get("cache-control"), "no-store");
    assertEquals(head.headers.get(told), `${version}`);
    assertEquals(
      head.headers.get("upload-limit"),
      limit && `max-size=99, ${limit}=86400`,
    );

    const more = { ...part, ...at(4) };
    const middle = await ask(handler, "PATCH", path, more, "56");
    assertEquals(middle.status, isOld ? 201 : 204);
    assertEquals(middle.headers.get("upload-offset"), "6");
    assertEquals(middle.headers.get(name), isPart);

    const rest = { ...whole, ...at(6) };
    const last = await ask(handler, "PATCH", path, rest, "789");
    assertEquals(last.status, 201);
    assertEquals(last.headers.get("upload-offset"), "9");
    assertEquals(last.headers.get(name), isWhole);
    assertEquals(last.headers.get("location"), "/files/a");
    assertEquals(await Deno.readTextFile(`${scratch.root}/a`), "012356789");

    const done = await ask(handler, "HEAD", path, said);
    assertEquals(done.headers.get(name), isWhole);
    assertEquals(done.headers.get("upload-offset"), "9");
    assertEquals(done.headers.get("upload-length"), "9");
  });

  Deno.test(`version ${version}: a part first, and the final response`, {
    ignore,
  }, async () => {
    await using scratch = await makeScratch();
    const handler = await open(scratch.root);
    const begun = await ask(handler, "PUT", "/files/a", part, "01");
    assertEquals(begun.status, 201);
    assertEquals(begun.headers.get("upload-offset"), "2");
    assertEquals(begun.headers.get(name), isPart);
    const path = begun.headers.get("location")!;
    assertEquals(path, begun.interim[0].headers.get("location"));
    assertEquals((await ask(handler, "DELETE", path, said)).status, 204);
    assertEquals((await ask(handler, "HEAD", path, said)).status, 404);

    const sent = await ask(handler, "POST", "/files/b", whole, "01");
    assertEquals(sent.status, 201);
    assertEquals(sent.headers.get("upload-offset"), "2");
    assertEquals(sent.headers.get(name), isWhole);
    const upload = sent.interim[0].headers.get("location");
    const location = sent.headers.get("location");
    assertEquals(location, isOld ? upload : "/files/b");
    assertEquals(await Deno.readTextFile(`${scratch.root}/b`), "01");
  });

  Deno.test(`version ${version}: what says how much has no content`, {
    ignore,
  }, async () => {
    await using scratch = await makeScratch();
    const handler = await open(scratch.root);
    const path = await begun(handler, part);
    for (const method of ["HEAD", "DELETE"]) {
      for (const odd of [{ "upload-offset": 0 }, part]) {
        const { status } = await ask(handler, method, path, {
          ...said,
          ...odd,
        });
        if (isOld) assertEquals(status, 400);
      }
    }
    const new_ = await ask(handler, "PUT", "/files/b", {
      ...whole,
      "upload-offset": 0,
    }, "x");
    assertEquals(new_.status, 400);
    assertEquals(await namesIn(scratch.root), [".sluice-uploads"]);
  });
}

async function begun(
  handler: Handler<PortableInfo>,
  fields: Fields,
  body?: string,
): Promise<string> {
  const response = await ask(handler, "PUT", "/files/a", fields, body);
  assertEquals(response.status, 201);
  return response.headers.get("location")!;
}

Deno.test("version 3: without its field, what is sent is the rest", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const { said, part, at } = fieldsOf(versions[0]);
  const path = await begun(handler, part, "01");
  const rest = { ...said, ...at(2) };
  assertEquals((await ask(handler, "PATCH", path, rest, "23")).status, 201);
  assertEquals(await Deno.readTextFile(`${scratch.root}/a`), "0123");
  // But a new one has to say it.
  assertEquals((await ask(handler, "PUT", "/files/b", said, "x")).status, 400);
});

Deno.test("the words of one version mean nothing in another", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  for (
    const fields of [
      { "upload-incomplete": "?1" },
      { "upload-incomplete": "?0" },
      { "upload-incomplete": "?1", "upload-draft-interop-version": "5" },
      { "upload-complete": "?0", "upload-draft-interop-version": "3" },
      { "upload-draft-interop-version": "8" },
      { "upload-length": "3" },
      { "upload-offset": "0" },
    ] as Fields[]
  ) {
    for (const method of ["PUT", "POST"]) {
      const { status } = await ask(handler, method, "/files/a", fields, "x");
      assertEquals(status, 400, JSON.stringify(fields));
    }
  }
  assertEquals(await namesIn(scratch.root), []);
});

Deno.test("an unknown version is told the known ones, and nothing is stored", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  const known = "8, 7, 6, 5, 4, 3";
  for (const version of ["", "2", "9", "08", "8;a", "six"]) {
    const said = { "upload-draft-interop-version": version };
    const begins = { ...said, "upload-complete": "?0" };
    const response = await ask(handler, "PUT", "/files/a", begins, "x");
    assertEquals(response.status, 400);
    assertEquals(response.headers.get("upload-draft-interop-version"), known);
    assertMatch(await response.text(), /must be one of 8, 7, 6, 5, 4, 3$/);
  }
  assertEquals(await namesIn(scratch.root), []);
  const path = await begun(handler, { "upload-complete": "?0" }, "x");
  const said = { "upload-draft-interop-version": "9" };
  for (const method of ["HEAD", "PATCH", "DELETE"]) {
    const response = await ask(handler, method, path, said);
    assertEquals(response.status, 400);
    assertEquals(response.headers.get("upload-draft-interop-version"), known);
  }
  // A whole file is one in any version, but is not resumed.
  const whole = { ...said, "upload-complete": "?1" };
  const response = await ask(handler, "PUT", "/files/b", whole, "all");
  assertEquals(response.status, 201);
  assertEquals(response.interim, []);
  assertEquals(response.headers.get("upload-draft-interop-version"), known);
  assertEquals(await Deno.readTextFile(`${scratch.root}/b`), "all");
});

Deno.test("versions 3 to 6: an upload ends at the length that is told", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await open(scratch.root);
  for (const how of versions) {
    const { said, part, whole, at } = fieldsOf(how);
    const path = await begun(handler, { ...part, "upload-length": 4 }, "01");
    const more = { ...part, ...at(2) };
    await ask(handler, "PATCH", path, more, "23");
    const isOld = how.version < 7;
    const { headers } = await ask(handler, "HEAD", path, said);
    const [name, isPart] = how.part;
    assertEquals(headers.get("upload-offset"), "4");
    assertEquals(headers.get("upload-length"), "4");
    assertEquals(headers.get(name) !== isPart, isOld);
    const text = await Deno.readTextFile(`${scratch.root}/a`).catch(() => "");
    assertEquals(text, isOld ? "0123" : "");
    // It may say so itself.
    const last = await ask(handler, "PATCH", path, { ...whole, ...at(4) });
    assertEquals(last.status, isOld ? 204 : 201);
    const again = await ask(handler, "PATCH", path, { ...whole, ...at(4) });
    assertEquals(again.status, isOld ? 204 : 400);
    const other = { ...whole, ...at(3) };
    assertEquals((await ask(handler, "PATCH", path, other)).status, 400);
    await Deno.remove(`${scratch.root}/a`);
  }
});

Deno.test(
  "versions 3 to 6: one that was cut off before it became a file is one when asked",
  {
    ignore,
  },
  async () => {
    await using scratch = await makeScratch();
    const handler = await open(scratch.root);
    const { said, part, whole, at } = fieldsOf(versions[3]);
    const path = await begun(handler, { ...part, "upload-length": 2 });
    const { rename } = Deno;
    Deno.rename = (from, to) =>
      `${to}`.endsWith("/a")
        ? Promise.reject(Object.assign(new Error("Full"), { code: "ENOSPC" }))
        : rename(from, to);
    try {
      const last = await ask(
        handler,
        "PATCH",
        path,
        { ...whole, ...at(0) },
        "01",
      );
      assertEquals(last.status, 507);
      const head = await ask(handler, "HEAD", path, said);
      assertEquals(head.status, 507);
      assertEquals(head.headers.get("upload-offset"), "2");
    } finally {
      Deno.rename = rename;
    }
    const { headers } = await ask(handler, "HEAD", path, said);
    assertEquals(headers.get("upload-complete"), "?1");
    assertEquals(await Deno.readTextFile(`${scratch.root}/a`), "01");
  },
);
