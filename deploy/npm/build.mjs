// Puts the command into this package, before it is packed: a copy of what runs,
// and a digest of it.

import { createHash } from "node:crypto";
import {
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";

const root = new URL("../../", import.meta.url);
const app = new URL("app/", import.meta.url);

const copied = [
  "LICENSE",
  "deno.json",
  "deno.lock",
  "main.ts",
  "lib",
  "vendor",
  "deploy/npm/permissions.ts",
];

rmSync(app, { recursive: true, force: true });
for (const name of copied) {
  cpSync(new URL(name, root), new URL(name, app), { recursive: true });
}

const digest = createHash("sha256");
const names = readdirSync(app, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`)
  .sort();
for (const name of names) {
  digest.update(name.slice(app.pathname.length)).update("\0")
    .update(readFileSync(name));
}
writeFileSync(new URL("digest", app), digest.digest("hex").slice(0, 16));
