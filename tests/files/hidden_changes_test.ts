/** What is hidden, neither a link on the way nor depth lets anybody change. */

import { assertEquals } from "@std/assert";
import { Directory } from "../../lib/files/directory.ts";
import { move } from "../../lib/files/move.ts";
import { removal } from "../../lib/files/removal.ts";
import { upload } from "../../lib/files/upload.ts";
import { route } from "../../lib/router/router.ts";
import { localInfo } from "../support/local_info.ts";
import {
  makeScratch,
  namesIn,
  noDisk as ignore,
  stateFolder,
  statusOf,
} from "./scratch.ts";

const pattern = "/files/*";

function handlerOf(directory: Directory) {
  const handler = route([
    { method: "MOVE", pattern, handler: move(directory) },
    {
      method: "DELETE",
      pattern,
      handler: removal(directory, { recursive: true }),
    },
    { method: ["PUT", "MKCOL"], pattern, handler: upload(directory) },
  ]);
  return (method: string, path: string, to?: string, body?: string) => {
    const request = new Request(`http://localhost/files/${path}`, {
      method,
      headers: to === undefined ? {} : { destination: `/files/${to}` },
      body,
    });
    return statusOf((async () => await handler(request, localInfo))());
  };
}

Deno.test("a link on the way to what is hidden leads nowhere", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await Deno.mkdir(`${root}/real/folder`, { recursive: true });
  await Deno.mkdir(`${root}/real/deep/x`, { recursive: true });
  for (const name of ["secret", "folder/f", "deep/x/f"]) {
    await Deno.writeTextFile(`${root}/real/${name}`, "secret");
  }
  await Deno.writeTextFile(`${root}/mine`, "mine");
  await Deno.symlink("real", `${root}/link`);
  const hide = ["/real/secret", "/real/folder", "/real/new", "/real/deep/x"];
  const ask = handlerOf(await Directory.open(root, { hide }));
  const statuses = {
    moveFile: await ask("MOVE", "link/secret", "shown"),
    moveFolder: await ask("MOVE", "link/folder/", "shown"),
    moveAbove: await ask("MOVE", "link/deep/", "shown"),
    moveTo: await ask("MOVE", "mine", "link/secret"),
    removeFile: await ask("DELETE", "link/secret"),
    removeFolder: await ask("DELETE", "link/folder/"),
    put: await ask("PUT", "link/secret", undefined, "mine"),
    putNew: await ask("PUT", "link/new", undefined, "mine"),
    putBelow: await ask("PUT", "link/new/file", undefined, "mine"),
    makeFolder: await ask("PUT", "link/new/"),
    makeCollection: await ask("MKCOL", "link/new"),
  };
  assertEquals(statuses, {
    moveFile: 404,
    moveFolder: 404,
    moveAbove: 409,
    moveTo: 409,
    removeFile: 404,
    removeFolder: 404,
    put: 409,
    putNew: 409,
    putBelow: 409,
    makeFolder: 409,
    makeCollection: 409,
  });
  assertEquals(await namesIn(root), ["link", "mine", "real"]);
  assertEquals(await namesIn(`${root}/real`), ["deep", "folder", "secret"]);
  assertEquals(await Deno.readTextFile(`${root}/real/secret`), "secret");
});

Deno.test("what is too deep to be looked through stays", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  const deep = Array.from({ length: 40 }, () => "d").join("/");
  await Deno.mkdir(`${root}/a/${deep}`, { recursive: true });
  await Deno.mkdir(`${root}/a/b/${deep}`, { recursive: true });
  for (const name of ["secret", ".hidden"]) {
    await Deno.writeTextFile(`${root}/a/b/${deep}/${name}`, name);
  }
  await Deno.mkdir(`${root}/else`);
  const hide = ["/a/**/secret"];
  const ask = handlerOf(await Directory.open(root, { hide }));
  assertEquals(await ask("MOVE", "a/b/", `a/${deep}/b`), 201);
  assertEquals(await ask("MOVE", "a/", "shown"), 409);
  assertEquals(await ask("DELETE", "a/"), 409);
  // Without a pattern, links are looked for.
  const open = handlerOf(await Directory.open(root));
  assertEquals(await open("MOVE", "a/", "else/a"), 409);
  assertEquals(await namesIn(root), ["a", "else"]);
});

Deno.test("a pattern that hides all names with a dot lets removals end", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await Deno.mkdir(`${root}/full/sub`, { recursive: true });
  await Deno.writeTextFile(`${root}/full/sub/x`, "x");
  const ask = handlerOf(await Directory.open(root, { hide: [".*"] }));
  assertEquals(await ask("DELETE", "full/"), 204);
  assertEquals(await namesIn(root), []);
  assertEquals(await namesIn(`${root}/${stateFolder}/removed`), []);
});
