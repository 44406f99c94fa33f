/** `--cors`: what the script of a page of another origin can do in Chromium. */

import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { Site, startCommand } from "../cli/command.ts";
import { launch } from "./browser.ts";

const hasChromium = await Deno.stat("/usr/bin/chromium").then(
  () => true,
  () => false,
);

/** Octets of the upload: more than one event of progress. */
const LENGTH = 8 << 20;

/** A page of another origin, and a server that may know it. */
async function fromAnother(
  use: (page: Page, files: string, directory: string) => Promise<void>,
  args: (origin: string) => string[],
): Promise<void> {
  await using site = await Site.make();
  await Deno.writeTextFile(`${site.path}/public/a.txt`, "0123456789");
  await using other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () =>
      new Response("<!doctype html>", {
        headers: { "content-type": "text/html" },
      }),
  );
  const origin = `http://127.0.0.1:${other.addr.port}`;
  await using server = await startCommand(
    ["--port=0", "--log=off", ...args(origin)],
    { cwd: site.path },
  );
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(`${origin}/`);
    await use(page, `${server.url}files/`, `${site.path}/public`);
  } finally {
    await browser.close();
  }
}

/** What a script learns that reads, with and without a range, and fails. */
async function reading(page: Page, files: string) {
  return await page.evaluate(async (files) => {
    const ask = async (path: string, init?: RequestInit) => {
      // Chromium's cache would answer the second and third by the first.
      const asking = { cache: "no-store", ...init } as const;
      const { status, headers } = await fetch(files + path, asking);
      return {
        status,
        tag: headers.get("etag") !== null,
        range: headers.get("content-range"),
      };
    };
    return [
      await ask("a.txt"),
      await ask("a.txt", { headers: { range: "bytes=2-4" } }),
      await ask("a.txt", { headers: { range: "bytes=99-" } }),
      await ask("none"),
    ];
  }, files);
}

const read = [
  { status: 200, tag: true, range: null },
  { status: 206, tag: true, range: "bytes 2-4/10" },
  { status: 416, tag: false, range: "bytes */10" },
  { status: 404, tag: false, range: null },
];

/** Whether `fetch` is let through, or what it fails with. */
async function trying(page: Page, url: string, init: RequestInit) {
  return await page.evaluate(
    async ([url, init]) =>
      await fetch(url, init).then(({ status }) => status, ({ name }) => name),
    [url, init] as const,
  );
}

/** Sends octets with progress; what the script sees of the answer. */
async function uploading(page: Page, url: string, length: number) {
  return await page.evaluate(async ([url, length]) => {
    const request = new XMLHttpRequest();
    // How often it comes is up to the browser; at the end it does in any case.
    let last = 0;
    request.upload.onprogress = ({ loaded }) => last = loaded;
    request.open("PUT", url);
    request.setRequestHeader("if-none-match", "*");
    const { promise, resolve } = Promise.withResolvers<void>();
    request.onloadend = () => resolve();
    request.send(new Blob([new Uint8Array(length)]));
    await promise;
    return {
      status: request.status,
      location: request.getResponseHeader("location"),
      hasTag: request.getResponseHeader("etag") !== null,
      last,
    };
  }, [url, length] as const);
}

/** A resumable upload in two parts; the statuses and what is told between. */
async function resuming(page: Page, url: string) {
  return await page.evaluate(async (url) => {
    const begun = await fetch(url, {
      method: "PUT",
      headers: { "upload-complete": "?0" },
      body: "first ",
    });
    const at = new URL(begun.headers.get("location")!, url).href;
    const asked = await fetch(at, { method: "HEAD" });
    const offset = asked.headers.get("upload-offset")!;
    const ended = await fetch(at, {
      method: "PATCH",
      headers: {
        "content-type": "application/partial-upload",
        "upload-complete": "?1",
        "upload-offset": offset,
      },
      body: "second",
    });
    return [begun.status, offset, ended.status];
  }, url);
}

Deno.test({
  name: "chromium: a named origin reads, uploads with progress and resumes",
  ignore: !hasChromium,
  fn: () =>
    fromAnother(async (page, files, directory) => {
      assertEquals(await reading(page, files), read);
      const told = await uploading(page, `${files}b`, LENGTH);
      const location = "/files/b";
      assertEquals(told, { status: 201, location, hasTag: true, last: LENGTH });
      assertEquals((await Deno.stat(`${directory}/b`)).size, LENGTH);
      assertEquals(await resuming(page, `${files}c`), [201, "6", 201]);
      const content = await Deno.readTextFile(`${directory}/c`);
      assertEquals(content, "first second");
      const form = { method: "POST", body: "posted" };
      assertEquals(await trying(page, `${files}d`, form), 201);
      const credentials = { credentials: "include" } as const;
      assertEquals(await trying(page, `${files}d`, credentials), 200);
      assertEquals(await trying(page, `${files}d`, { method: "DELETE" }), 204);
    }, (origin) => ["--delete", "--cors", origin]),
});

Deno.test({
  name: "chromium: any origin reads, and changes nothing",
  ignore: !hasChromium,
  fn: () =>
    fromAnother(async (page, files, directory) => {
      assertEquals(await reading(page, files), read);
      const url = `${files}evil`;
      // The preflight names no such method, and a simple request is refused.
      for (const method of ["PUT", "DELETE"]) {
        assertEquals(await trying(page, url, { method }), "TypeError");
      }
      const simple = { method: "POST", body: "evil" };
      assertEquals(await trying(page, url, simple), 403);
      const credentials = { credentials: "include" } as const;
      assertEquals(
        await trying(page, `${files}a.txt`, credentials),
        "TypeError",
      );
      const names = await Array.fromAsync(Deno.readDir(directory));
      assertEquals(names.some(({ name }) => name === "evil"), false);
    }, () => ["--delete", "--cors"]),
});

Deno.test({
  name: "chromium: another origin than the named one sees nothing",
  ignore: !hasChromium,
  fn: () =>
    fromAnother(async (page, files) => {
      for (const method of ["GET", "PUT", "POST"]) {
        assertEquals(
          await trying(page, `${files}a.txt`, { method }),
          "TypeError",
        );
      }
    }, () => ["--cors", "https://app.example.org"]),
});
