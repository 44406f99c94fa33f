/**
 * RFC 9110 §12.5.3: the representation that answers; and whose pages may load it
 * (`Cross-Origin-Resource-Policy`, Fetch §3.6).
 */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { AllowedHosts } from "../../lib/cli/allowed_hosts.ts";
import { createApp, createSite } from "../../lib/cli/app.ts";
import { HttpError } from "../../lib/errors.ts";
import { Directory } from "../../lib/files/directory.ts";
import { download } from "../../lib/files/download.ts";
import { serveDir } from "../../lib/files/serve_dir.ts";
import type { Handler } from "../../lib/handler.ts";
import { localInfo } from "../support/local_info.ts";
import { ask, makeScratch, noDisk as ignore, serving } from "./scratch.ts";

const text = "content ".repeat(100);

async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const coder = new CompressionStream("gzip");
  return await new Response(new Blob([text]).stream().pipeThrough(coder))
    .bytes();
}

async function contentOf(response: Response): Promise<string> {
  if (response.headers.get("content-encoding") !== "gzip") {
    return await response.text();
  }
  const decoder = new DecompressionStream("gzip");
  return await new Response(response.body!.pipeThrough(decoder)).text();
}

for (const size of ["small", "large"]) {
  Deno.test(`${size}: each coding has a tag of its own, and is known by it`, {
    ignore,
  }, async () => {
    await using scratch = await makeScratch();
    const content = text.repeat(size === "large" ? 1000 : 1);
    await Deno.writeTextFile(`${scratch.root}/a.txt`, content);
    const handler = await serving(download, scratch.root);
    const tags = new Set<string>();
    for (const accept of ["identity", "gzip"]) {
      const headers = { "accept-encoding": accept };
      const response = await ask(handler, "a.txt", { headers });
      assertEquals(response.headers.get("vary"), "Accept-Encoding");
      const tag = response.headers.get("etag")!;
      assertMatch(tag, accept === "gzip" ? /^W\/"/ : /^"/);
      const coding = response.headers.get("content-encoding");
      assertEquals(coding, accept === "gzip" ? "gzip" : null);
      assertEquals(await contentOf(response), content);
      tags.add(tag.replace("W/", ""));
      for (const method of ["GET", "HEAD"]) {
        const again = await ask(handler, "a.txt", {
          method,
          headers: { ...headers, "if-none-match": tag },
        });
        assertEquals(again.status, 304);
        assertEquals(again.headers.get("etag"), tag);
        assertEquals(again.headers.get("vary"), "Accept-Encoding");
        assertEquals(again.body, null);
      }
      const head = await ask(handler, "a.txt", { method: "HEAD", headers });
      assertEquals(head.headers.get("etag"), tag);
      assertEquals(head.headers.get("content-encoding"), coding);
      await head.body?.cancel();
    }
    assertEquals(tags.size, 2);
  });
}

Deno.test("a coded form beside the file is sent while it is no older", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const path = `${scratch.root}/a.txt`;
  await Deno.writeTextFile(path, text);
  await Deno.writeTextFile(`${path}.br`, "as if it were brotli");
  await Deno.writeFile(`${path}.gz`, await gzip("beside"));
  for (const end of ["", ".br", ".gz"]) await Deno.utime(path + end, 1e9, 1e9);
  const handler = await serving(download, scratch.root);
  const get = async (accept: string, more: HeadersInit = {}) => {
    const headers = { "accept-encoding": accept, ...more };
    const response = await ask(handler, "a.txt", { headers });
    assertEquals(
      response.headers.get("content-type"),
      "text/plain; charset=UTF-8",
    );
    return [
      response.headers.get("content-encoding"),
      await contentOf(response),
    ];
  };
  const brotli = ["br", "as if it were brotli"];
  assertEquals(await get("gzip, br"), brotli);
  assertEquals(await get("gzip;q=0.5, br;q=0.1"), ["gzip", "beside"]);
  assertEquals(await get("*"), brotli);
  assertEquals(await get("gzip"), ["gzip", "beside"]);
  assertEquals(await get("identity, br;q=0"), [null, text]);
  assertEquals(await get("deflate"), [null, text]);
  // A part is one of the file as it is.
  const range = { range: "bytes=0-6" };
  assertEquals(await get("gzip, br", range), [null, "content"]);

  await Deno.utime(path, 1e9 + 1, 1e9 + 1);
  assertEquals(await get("br"), [null, text]);
  assertEquals(await get("gzip"), ["gzip", text]);
  await Deno.remove(`${path}.br`);
  await Deno.mkdir(`${path}.br`);
  assertEquals(await get("br"), [null, text]);
});

Deno.test("a file is coded from 256 octets on", { ignore }, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(download, scratch.root);
  for (const [size, coding] of [[255, null], [256, "gzip"]] as const) {
    await Deno.writeTextFile(`${scratch.root}/${size}.txt`, "a".repeat(size));
    const headers = { "accept-encoding": "gzip" };
    const response = await ask(handler, `${size}.txt`, { headers });
    assertEquals(response.headers.get("content-encoding"), coding);
    assertEquals(await contentOf(response), "a".repeat(size));
  }
});

Deno.test("what gains nothing is not coded", { ignore }, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/short.txt`, "a".repeat(255));
  await Deno.writeTextFile(`${scratch.root}/a.png`, text);
  const handler = await serving(download, scratch.root);
  for (const [name, vary] of [["short.txt", true], ["a.png", false]] as const) {
    const headers = { "accept-encoding": "gzip" };
    const response = await ask(handler, name, { headers });
    assertEquals(response.headers.get("content-encoding"), null);
    assertEquals(response.headers.has("vary"), vary);
    await response.body?.cancel();
  }
});

for (const size of [1000, 200_000]) {
  Deno.test(`${size} octets: parts are those of the file`, {
    ignore,
  }, async () => {
    await using scratch = await makeScratch();
    const octets = Uint8Array.from({ length: size }, (_, at) => at % 251);
    await Deno.writeFile(`${scratch.root}/a.bin`, octets);
    const handler = await serving(download, scratch.root);
    const get = (range: string, more: HeadersInit = {}) =>
      ask(handler, "a.bin", { headers: { range, ...more } });

    const one = await get("bytes=10-29");
    assertEquals(one.status, 206);
    assertEquals(one.headers.get("content-range"), `bytes 10-29/${size}`);
    assertEquals(one.headers.get("content-length"), "20");
    assertEquals(await one.bytes(), octets.slice(10, 30));

    const several = await get("bytes=500-599,0-9,-5");
    assertEquals(several.status, 206);
    const type = several.headers.get("content-type")!;
    const [, boundary] = /^multipart\/byteranges; boundary=(.+)$/.exec(type)!;
    const length = Number(several.headers.get("content-length"));
    const content = await several.bytes();
    assertEquals(content.length, length);
    const latin1 = String.fromCharCode(...content);
    const parts = latin1.split(`--${boundary}`);
    assertEquals([parts[0], parts.at(-1)], ["", "--\r\n"]);
    const expected = [[500, 599], [0, 9], [size - 5, size - 1]];
    assertEquals(parts.slice(1, -1).length, expected.length);
    for (const [at, [first, last]] of expected.entries()) {
      const octetsThere = String.fromCharCode(...octets.slice(first, last + 1));
      assertEquals(
        parts[at + 1],
        "\r\ncontent-type: application/octet-stream\r\n" +
          `content-range: bytes ${first}-${last}/${size}\r\n\r\n` +
          `${octetsThere}\r\n`,
      );
    }

    const { headers } = await ask(handler, "a.bin", { method: "HEAD" });
    const tag = headers.get("etag")!;
    const same = await get("bytes=0-0", { "if-range": tag });
    assertEquals(same.status, 206);
    const other = await get("bytes=0-0", { "if-range": '"x"' });
    assertEquals([other.status, (await other.bytes()).length], [200, size]);
    await same.body?.cancel();

    const error = await assertRejects(() => get(`bytes=${size}-`), HttpError);
    assertEquals(error.status, 416);
    const told = new Headers(error.headers).get("content-range");
    assertEquals(told, `bytes */${size}`);
  });
}

Deno.test("RFC 6266: ?download names the file, whatever its name", {
  ignore: ignore || Deno.build.os === "windows",
}, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(download, scratch.root);
  for (
    const [name, value] of [
      ["a b.txt", `filename="a b.txt"; filename*=UTF-8''a%20b.txt`],
      [
        `"é%'(*)`,
        `filename="___'(*)"; filename*=UTF-8''%22%C3%A9%25%27%28%2A%29`,
      ],
      ["a\r\nb: c", `filename="a__b: c"; filename*=UTF-8''a%0D%0Ab%3A%20c`],
    ]
  ) {
    await Deno.writeTextFile(`${scratch.root}/${name}`, text);
    for (const query of ["?download", "?download=1", "?"]) {
      const path = encodeURIComponent(name) + query;
      const { headers, body } = await ask(handler, path);
      const expected = query === "?" ? null : `attachment; ${value}`;
      assertEquals(headers.get("content-disposition"), expected);
      await body?.cancel();
    }
  }
});

Deno.test("RFC 9530 §4: the digest that is wanted comes with the file", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(download, scratch.root);
  for (const content of ["", text, text.repeat(1000)]) {
    await Deno.writeTextFile(`${scratch.root}/a.txt`, content);
    const octets = new TextEncoder().encode(content);
    const hash = await crypto.subtle.digest("SHA-256", octets);
    const digest = `sha-256=:${new Uint8Array(hash).toBase64()}:`;
    for (const method of ["GET", "HEAD"]) {
      for (const range of [undefined, "bytes=0-0"]) {
        if (range && content === "") continue;
        const response = await ask(handler, "a.txt", {
          method,
          headers: {
            "want-repr-digest": "sha-256=5",
            ...(range && { range }),
          },
        });
        // Of the whole, whatever part is sent.
        assertEquals(response.headers.get("repr-digest"), digest);
        await response.body?.cancel();
      }
    }
    const coded = await ask(handler, "a.txt", {
      headers: { "want-repr-digest": "sha-256=5", "accept-encoding": "gzip" },
    });
    const isCoded = coded.headers.has("content-encoding");
    assertEquals(isCoded, content !== "");
    // Of what is coded on its way nobody knows it beforehand.
    assertEquals(coded.headers.has("repr-digest"), !isCoded);
    await coded.body?.cancel();
  }
  const without = await ask(handler, "a.txt");
  assert(!without.headers.has("repr-digest"));
  await without.body?.cancel();
});

const files = new URLPattern({ pathname: "/files/*" });

const made: Record<
  string,
  (directory: Directory, resourcePolicy?: "cross-origin") => Handler
> = {
  "download()": (directory, resourcePolicy) => {
    const handler = download(directory, { resourcePolicy });
    return (request, info) => handler(request, info, files.exec(request.url)!);
  },
  "serveDir()": (directory, resourcePolicy) => {
    const handler = serveDir(directory, { resourcePolicy });
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
