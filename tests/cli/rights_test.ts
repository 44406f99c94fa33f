/** What clients may do with the files, by option and method. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { mayRunCommand, runCommand, Site, startCommand } from "./command.ts";

const ignore = !mayRunCommand;

/** What is asked of each server, in this order. */
const questions: [name: string, path: string, init: RequestInit][] = [
  ["the first page", "", {}],
  ["the list", "files/", {}],
  ["a list below", "files/sub/", {}],
  ["a file", "files/a.txt", {}],
  ["HEAD of a file", "files/a.txt", { method: "HEAD" }],
  ["no file", "files/none.txt", {}],
  ["a zip", "files/?zip", {}],
  ["a zip at the first page", "?zip", {}],
  ["a search", "files/?search=a", {}],
  ["a zip of a name", "files/?zip", {
    method: "POST",
    body: new URLSearchParams({ name: "a.txt" }),
  }],
  ["PUT of a new name", "files/new.txt", { method: "PUT", body: "N" }],
  ["POST of a new name", "files/new2.txt", { method: "POST", body: "N" }],
  ["PUT of a taken name", "files/a.txt", { method: "PUT", body: "N" }],
  ["POST of a taken name", "files/a.txt", { method: "POST", body: "N" }],
  ["a resumable PUT of a taken name", "files/a.txt", {
    method: "PUT",
    headers: { "upload-complete": "?1" },
    body: "N",
  }],
  ["a new directory", "files/made/", { method: "PUT" }],
  ["a taken directory", "files/sub/", { method: "PUT" }],
  ["a form with a new name", "files/", form("form.txt")],
  ["a form with a taken name", "files/", form("a.txt")],
  ["a new name by tus", "files/", byTus("tus.txt")],
  ["a taken name by tus", "files/", byTus("a.txt")],
  ["DELETE", "files/b.txt", { method: "DELETE" }],
  ["MKCOL", "files/made2", { method: "MKCOL" }],
  ["MKCOL of a taken name", "files/sub", { method: "MKCOL" }],
  ["MOVE", "files/a.txt", moveTo("files/moved.txt")],
  ["MOVE to a taken name", "files/moved.txt", moveTo("files/sub")],
  ["DELETE of a directory", "files/sub/", { method: "DELETE" }],
];

function byTus(name: string): RequestInit {
  const headers = {
    "tus-resumable": "1.0.0",
    "upload-length": "1",
    "upload-metadata": `filename ${btoa(name)}`,
    "content-type": "application/offset+octet-stream",
  };
  return { method: "POST", headers, body: "N" };
}

function moveTo(path: string): RequestInit {
  return { method: "MOVE", headers: { destination: `/${path}` } };
}

function form(name: string): RequestInit {
  const body = new FormData();
  body.append("file", new File(["N"], name));
  return { method: "POST", body };
}

/** The statuses, in the order of the questions; also the table of the docs. */
const answers: Record<string, number[]> = {
  "": [
    ...[200, 200, 200, 200, 200, 404, 200, 200, 200, 200],
    ...[201, 201, 204, 201, 204, 201, 204, 201, 201, 201, 201, 405],
    ...[201, 405, 501, 501, 405],
  ],
  "--delete": [
    ...[200, 200, 200, 200, 200, 404, 200, 200, 200, 200],
    ...[201, 201, 204, 201, 204, 201, 204, 201, 201, 201, 201, 204],
    ...[201, 405, 201, 409, 204],
  ],
  "--read-only": [
    ...[200, 200, 200, 200, 200, 404, 200, 200, 200, 200],
    ...[405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405, 405],
    // What no route takes is a method that is not known.
    ...[501, 501, 501, 501, 405],
  ],
  "--no-listing": [
    ...[200, 403, 403, 200, 200, 404, 403, 200, 403, 403],
    ...[201, 201, 204, 201, 204, 201, 204, 201, 201, 201, 201, 405],
    ...[201, 405, 501, 501, 405],
  ],
  "--upload-only": [
    ...[200, 405, 405, 405, 405, 405, 405, 200, 405, 405],
    ...[201, 201, 412, 412, 412, 201, 412, 201, 412, 201, 412, 405],
    ...[201, 405, 501, 501, 405],
  ],
};

for (const [option, expected] of Object.entries(answers)) {
  const name = `${option || "no option"}: what each method gets`;
  Deno.test({ name, ignore }, async () => {
    await using site = await makeSite();
    const args = option ? ["--port=0", option] : ["--port=0"];
    await using command = await startCommand(args, { cwd: site.path });
    const got: [string, number][] = [];
    for (const [what, path, init] of questions) {
      const response = await fetch(command.url + path, init);
      await response.body?.cancel();
      got.push([what, response.status]);
    }
    assertEquals(got, questions.map(([what], at) => [what, expected[at]]));
    const mayReplace = ["", "--delete", "--no-listing"].includes(option);
    const name = option === "--delete" ? "moved.txt" : "a.txt";
    const kept = await Deno.readTextFile(`${site.path}/public/${name}`);
    assertEquals(kept, mayReplace ? "N" : "A");
  });
}

Deno.test(
  { name: "what clients may do is told at the start", ignore },
  async () => {
    await using site = await makeSite();
    const told = async (...args: string[]) => {
      await using command = await startCommand(["--port=0", ...args], {
        cwd: site.path,
      });
      return await command.stderr.until(/^Serving/);
    };
    assertEquals(
      await told("--read-only"),
      'Serving "./public", read only: omit --read-only to receive files',
    );
    assertEquals(
      await told("--no-listing"),
      'Serving "./public", read and write without lists',
    );
    assertEquals(
      await told("--upload-only"),
      'Serving "./public", new files only, and none to be read',
    );
  },
);

Deno.test({
  name: "--upload-only without permission to write has nothing to do",
  ignore,
}, async () => {
  await using site = await makeSite();
  const { code, stderr } = await runCommand(["--upload-only"], {
    cwd: site.path,
    flags: ["--allow-net", "--allow-read=./public"],
  });
  assertEquals([code, stderr], [
    1,
    'Cannot receive files in "./public": add --allow-write=./public\n',
  ]);
});

Deno.test(
  { name: "--upload-only: a page to send files with", ignore },
  async () => {
    await using site = await makeSite();
    await using command = await startCommand(["--port=0", "--upload-only"], {
      cwd: site.path,
    });
    const accept = { accept: "text/html" };
    const page = await (await fetch(command.url, { headers: accept })).text();
    assertMatch(page, /<form [^>]*action="\/files\/"/);
    assert(!page.includes("a.txt"), page);
    const sent = await fetch(`${command.url}files/`, {
      ...form("b.jpg"),
      headers: accept,
    });
    assertEquals(sent.url, `${command.url}?received`);
    assertMatch(await sent.text(), /Received\./);
    const text = await (await fetch(command.url)).text();
    assert(text.includes(`curl -T NAME ${command.url}files/`), text);
    assert(!text.includes("curl -O"), text);
  },
);

Deno.test({
  name: "--upload-only: an upload is resumed, and replaces nothing",
  ignore,
}, async () => {
  await using site = await makeSite();
  await using command = await startCommand(["--port=0", "--upload-only"], {
    cwd: site.path,
  });
  const begun = await fetch(`${command.url}files/c.txt`, {
    method: "PUT",
    headers: { "upload-complete": "?0" },
    body: "C",
  });
  await begun.body?.cancel();
  assertEquals(begun.status, 201);
  // Meanwhile another client takes the name.
  await Deno.writeTextFile(`${site.path}/public/c.txt`, "first");
  const url = new URL(begun.headers.get("location")!, command.url);
  const rest = await fetch(url, {
    method: "PATCH",
    headers: {
      "content-type": "application/partial-upload",
      "upload-offset": "1",
      "upload-complete": "?1",
    },
    body: "C",
  });
  await rest.body?.cancel();
  assertEquals(rest.status, 412);
  assertEquals(
    await Deno.readTextFile(`${site.path}/public/c.txt`),
    "first",
  );
});

Deno.test({
  name: "--upload-only: no compressed form of a file is brought",
  ignore,
}, async () => {
  await using site = await makeSite();
  await using command = await startCommand(["--port=0", "--upload-only"], {
    cwd: site.path,
  });
  const statuses = async (name: string) => {
    const path = `${command.url}files/${name}`;
    const resumable = { "upload-complete": "?1" };
    const put = { method: "PUT", body: "N" };
    const asked = [
      fetch(path, put),
      fetch(path, { ...put, headers: resumable }),
      fetch(`${command.url}files/`, form(name)),
    ];
    return await Promise.all(asked.map(async (each) => {
      const response = await each;
      await response.body?.cancel();
      return response.status;
    }));
  };
  // An instance that serves the same folder would send it for a.txt.
  for (const name of ["a.txt.gz", "a.txt.br", "a.txt.GZ"]) {
    assertEquals(await statuses(name), [412, 412, 412], name);
  }
  assertEquals((await statuses("new.tar.gz")).toSorted(), [201, 412, 412]);
  assertEquals((await statuses(".gz")).toSorted(), [403, 403, 403]);
});

Deno.test({ name: "/ shows the folder, in each form", ignore }, async () => {
  await using site = await makeSite();
  await using command = await startCommand(["--port=0"], { cwd: site.path });
  const get = async (accept: string, path = "") => {
    const headers = { accept };
    const response = await fetch(command.url + path, { headers });
    assertEquals(response.status, 200);
    return await response.text();
  };
  assertEquals(await get("text/plain"), "a.txt\nb.txt\nsub/\n");
  // A program that follows links must find each name once.
  const links = (await get("*/*")).match(/href="[^"]*"/g);
  assertEquals(links, ['href="./files/"']);
  assertEquals((await get("*/*", "files/")).match(/href="[^"]*"/g), [
    'href="./sub/"',
    'href="./a.txt"',
    'href="./b.txt"',
  ]);
  const names = (JSON.parse(await get("application/json")) as {
    name: string;
  }[]).map(({ name }) => name);
  assertEquals(names, ["a.txt", "b.txt", "sub"]);
  const page = await get("text/html");
  assertMatch(page, /<base href="\/files\/">/);
  assertMatch(page, /<a href="\.\/a\.txt"/);
  assertMatch(page, /<a href="\/about"/);
  assertMatch(await get("text/html", "about"), /<a href="\/"/);
});

Deno.test({ name: "--index leaves the list at /", ignore }, async () => {
  await using site = await makeSite();
  await Deno.writeTextFile(`${site.path}/public/index.html`, "<p>Index");
  await using command = await startCommand(["--port=0", "--index"], {
    cwd: site.path,
  });
  const headers = { accept: "text/plain" };
  const first = await (await fetch(command.url, { headers })).text();
  assertMatch(first, /^index.html$/m);
  const index = await (await fetch(`${command.url}files/`)).text();
  assertEquals(index, "<p>Index");
});

Deno.test({ name: "a folder is named without an option", ignore }, async () => {
  await using site = await makeSite();
  await using command = await startCommand(["public/sub", "-p", "0"], {
    cwd: site.path,
    flags: ["--allow-net", "--allow-read=public/sub"],
  });
  const line = await command.stderr.until(/^Serving/);
  assertMatch(line, /^Serving "public\/sub", /);
});

async function makeSite(): Promise<Site> {
  const site = await Site.make();
  await Deno.mkdir(`${site.path}/public/sub`);
  await Deno.writeTextFile(`${site.path}/public/a.txt`, "A");
  await Deno.writeTextFile(`${site.path}/public/b.txt`, "B");
  return site;
}
