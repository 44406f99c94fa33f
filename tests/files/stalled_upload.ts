/**
 * A process that uploads half of a file and then waits to be killed. Its
 * argument is the directory; it prints a line when the half is written.
 */

import { Directory } from "../../lib/files/directory.ts";
import { upload } from "../../lib/files/upload.ts";
import { ask } from "./scratch.ts";

let pulls = 0;
const body = new ReadableStream({
  pull(controller) {
    if (pulls++ === 0) {
      controller.enqueue(new Uint8Array(1_000_000));
      return;
    }
    // It is asked for more when what it gave is written.
    console.log("half");
    setInterval(() => {}, 1000);
    return new Promise(() => {});
  },
}, { highWaterMark: 0 });

const directory = await Directory.open(Deno.args[0]);
await ask(upload(directory), "a", { method: "POST", body });
