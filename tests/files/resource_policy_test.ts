/** Whose pages may load a file (`Cross-Origin-Resource-Policy`, Fetch §3.6). */

import { assertEquals } from "@std/assert";
import { AllowedHosts } from "../../lib/cli/allowed_hosts.ts";
import { createApp, createSite } from "../../lib/cli/app.ts";
import { Directory } from "../../lib/files/directory.ts";
import { download } from "../../lib/files/download.ts";
import { site } from "../../lib/files/site.ts";
import type { Handler } from "../../lib/handler.ts";
import { localInfo } from "../handlers/local_info.ts";
import { makeScratch, noDisk as ignore } from "./scratch.ts";

const files = new URLPattern({ pathname: "/files/*" });

const made: Record<
  string,
  (directory: Directory, resourcePolicy?: "cross-origin") => Handler
> = {
  "download()": (directory, resourcePolicy) => {
    const handler = download(directory, { resourcePolicy });
    return (request, info) => handler(request, info, files.exec(request.url)!);
  },
  "site()": (directory, resourcePolicy) => {
    const handler = site(directory, { resourcePolicy });
    return (request, info) => {
      const url = request.url.replace("/files/", "/");
      return handler(new Request(url, request), info);
    };
  },
};

for (const [name, make] of Object.entries(made)) {
  for (const policy of [undefined, "cross-origin"] as const) {
    Deno.test(`${name} says ${policy ?? "same-origin"} with each file`, {
      ignore,
    }, async () => {
      await using scratch = await makeScratch();
      const { root } = scratch;
      const text = "<p>text</p>".repeat(100);
      for (const file of ["a.html", "large.bin", "b.html", "b.html.gz"]) {
        await Deno.writeTextFile(`${root}/${file}`, text);
      }
      await Deno.truncate(`${root}/large.bin`, 100_000);
      const handler = make(await Directory.open(root), policy);
      const ask = async (
        path: string,
        headers: HeadersInit,
        method = "GET",
      ) => {
        const url = `http://localhost/files/${path}`;
        const request = new Request(url, { method, headers });
        const response = await handler(request, localInfo);
        await response.body?.cancel();
        const field = response.headers.get("cross-origin-resource-policy");
        assertEquals(field, policy ?? "same-origin", `${path} ${method}`);
        return response;
      };
      const whole = await ask("a.html", {});
      assertEquals(whole.status, 200);
      const etag = whole.headers.get("etag")!;
      const coded = await ask("a.html", { "accept-encoding": "gzip" });
      assertEquals(coded.headers.get("content-encoding"), "gzip");
      const stored = await ask("b.html", { "accept-encoding": "gzip" });
      assertEquals(stored.headers.get("content-encoding"), "gzip");
      assertEquals((await ask("large.bin", {})).status, 200);
      assertEquals((await ask("large.bin", {}, "HEAD")).status, 200);
      assertEquals((await ask("a.html", { range: "bytes=0-1" })).status, 206);
      const twice = { range: "bytes=0-1,4-5" };
      assertEquals((await ask("a.html", twice)).status, 206);
      const known = { "if-none-match": etag };
      assertEquals((await ask("a.html", known)).status, 304);
    });
  }
}

Deno.test("the command's option says it, for files and for a site", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a`, "a");
  await Deno.writeTextFile(`${scratch.root}/404.html`, "nothing");
  const directory = await Directory.open(scratch.root);
  const hosts = new AllowedHosts({ host: "127.0.0.1", names: [] });
  for (const resourcePolicy of [undefined, "same-site"] as const) {
    const ask = async (handler: Handler, path: string) => {
      const headers = { accept: "text/html" };
      const request = new Request(`http://localhost${path}`, { headers });
      const response = await handler(request, localInfo);
      await response.body?.cancel();
      return response.headers.get("cross-origin-resource-policy");
    };
    const expected = resourcePolicy ?? "same-origin";
    const options = { directory, hosts, mayWrite: false, resourcePolicy };
    const app = createApp(options);
    assertEquals(await ask(app.handler, "/files/a"), expected);
    // What the pages are made of is for them alone.
    for (const path of ["/", "/files/", "/page/style.css"]) {
      assertEquals(await ask(app.handler, path), "same-origin", path);
    }
    const own = createSite(directory, {
      spa: false,
      hosts,
      resourcePolicy,
    });
    assertEquals(await ask(own.handler, "/a"), expected);
    assertEquals(await ask(own.handler, "/nothing"), expected);
  }
});
