/**
 * A process that stores a file and reads it again, in a directory that is all
 * it was granted. Its argument is the directory; it prints what became of each
 * request as JSON.
 */

import { HttpError } from "../../lib/errors.ts";
import { Directory } from "../../lib/files/directory.ts";
import { download } from "../../lib/files/download.ts";
import { upload } from "../../lib/files/upload.ts";
import { ask } from "./scratch.ts";

const directory = await Directory.open(Deno.args[0]);
const get = download(directory);
const post = upload(directory);
const answers: (string | number)[] = [];

async function note(asking: Promise<Response>): Promise<void> {
  try {
    const { status, body } = await asking;
    answers.push(body ? await new Response(body).text() : status);
  } catch (error) {
    answers.push(error instanceof HttpError ? error.status : `${error}`);
  }
}

const stored = { method: "POST", body: "stored" };
await note(ask(post, "a.txt", stored));
await note(ask(get, "a.txt"));
await note(ask(get, "link"));
await note(ask(post, "link", stored));
await note(ask(get, "link"));
await note(ask(get, "out"));
await note(ask(get, "outdir/secret"));
await note(ask(post, "outdir/secret", stored));
await note(ask(get, "nowhere"));
console.log(JSON.stringify(answers));
