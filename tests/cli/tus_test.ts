/** Uploads by tus, as the command takes them. */

import { assertEquals } from "@std/assert";
import { mayRunCommand, Site, startCommand } from "./command.ts";

const ignore = !mayRunCommand;

/** The fields of a response that concern uploads, and `Allow`. */
function told({ headers }: Response): Record<string, string> {
  return Object.fromEntries(
    [...headers].filter(([name]) =>
      /^(?:tus|upload|accept-patch|allow)/.test(name)
    ),
  );
}

Deno.test("OPTIONS says which uploads are possible, where they are", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(["--port=0", "--max-body=1m"], {
    cwd: site.path,
  });
  const ask = async (path: string) => {
    const response = await fetch(command.url + path, { method: "OPTIONS" });
    assertEquals(response.status, 204);
    return told(response);
  };
  const uploads = {
    "accept-patch":
      "application/partial-upload, application/offset+octet-stream",
    "tus-extension":
      "creation,creation-with-upload,creation-defer-length,expiration,termination",
    "tus-max-size": "1048576",
    "tus-resumable": "1.0.0",
    "tus-version": "1.0.0",
    "upload-draft-interop-version": "8, 7, 6, 5, 4, 3",
    "upload-limit": "max-size=1048576, max-age=86400",
  };
  assertEquals(await ask("files/"), {
    ...uploads,
    allow: "GET, HEAD, PUT, POST, MKCOL, OPTIONS",
  });
  assertEquals(await ask("uploads/x"), {
    ...uploads,
    allow: "HEAD, PATCH, DELETE, POST, OPTIONS",
  });
  assertEquals(await ask("about"), { allow: "GET, HEAD, OPTIONS" });
});

Deno.test("OPTIONS of a server that is read only does not speak of uploads", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(["--port=0", "--read-only"], {
    cwd: site.path,
  });
  const url = `${command.url}files/`;
  const response = await fetch(url, { method: "OPTIONS" });
  assertEquals(told(response), { allow: "GET, HEAD, POST, OPTIONS" });
});

Deno.test("an upload by tus to a folder, from its creation to its file", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(["--port=0"], { cwd: site.path });
  const tus = { "tus-resumable": "1.0.0" };
  const created = await fetch(`${command.url}files/in/`, {
    method: "POST",
    headers: {
      ...tus,
      "upload-length": "2",
      "upload-metadata": `filename ${btoa("a b.txt")}`,
    },
  });
  assertEquals(created.status, 201);
  await created.body?.cancel();
  const url = new URL(created.headers.get("location")!, command.url);
  const patched = await fetch(url, {
    method: "PATCH",
    headers: {
      ...tus,
      "content-type": "application/offset+octet-stream",
      "upload-offset": "0",
    },
    body: "ab",
  });
  assertEquals(patched.status, 204);
  const file = await fetch(`${command.url}files/in/a%20b.txt`);
  assertEquals(await file.text(), "ab");
});

Deno.test("below a prefix, OPTIONS says the same", { ignore }, async () => {
  await using site = await Site.make();
  await using command = await startCommand(["--port=0", "--prefix=/sub"], {
    cwd: site.path,
  });
  for (const path of ["files/", "uploads/x"]) {
    const url = command.url + path;
    const response = await fetch(url, { method: "OPTIONS" });
    assertEquals(response.status, 204, path);
    assertEquals(response.headers.get("tus-version"), "1.0.0", path);
  }
});

Deno.test("a creation may tell no length of its content, if it has none", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(["--port=0"], { cwd: site.path });
  const { hostname, port, host } = new URL(command.url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const request = `POST /files/a HTTP/1.1\r\nHost: ${host}\r\n` +
    "Tus-Resumable: 1.0.0\r\nUpload-Length: 2\r\nConnection: close\r\n\r\n";
  await connection.write(new TextEncoder().encode(request));
  const answer = await new Response(connection.readable).text();
  assertEquals(answer.slice(0, 12), "HTTP/1.1 201");
});
