/**
 * A process that lists a long directory twice, then has nothing more to do. Its
 * argument is the directory; it prints how often that was read, and exits with 1
 * if it is still there after a second.
 */

import { Directory, download } from "../../lib/files/mod.ts";
import { ask } from "./scratch.ts";

// Only what has been left alone for a while is kept: this makes it old.
const { now } = Date;
Date.now = () => now() + 60_000;

const handler = download(await Directory.open(Deno.args[0]));
let readings = 0;
const { readDir } = Deno;
Deno.readDir = (path) => {
  readings++;
  return readDir(path);
};
for (let time = 0; time < 2; time++) await (await ask(handler, "")).text();
console.log(`2 lists, ${readings} reading`);
Deno.unrefTimer(setTimeout(() => Deno.exit(1), 1000));
