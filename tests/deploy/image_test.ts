/**
 * The Dockerfile without Docker: what it copies is enough to install and start
 * the command, with the arguments that Kubernetes adds.
 */

import { assert, assertEquals } from "@std/assert";
import { dirname, fromFileUrl } from "@std/path";
import { freePort } from "../bench/processes.ts";
import { RunningCommand } from "../cli/command.ts";
import { folder, hasProgram } from "./installed.ts";

const root = fromFileUrl(new URL("../../", import.meta.url));
const ignore = !await hasProgram("cp");

/** Copies what the Dockerfile copies, and installs as it does. */
async function build(dockerfile: string, image: string): Promise<void> {
  for (const [, line] of dockerfile.matchAll(/^COPY (.*)$/gm)) {
    const paths = line.split(" ");
    const target = `${image}/${paths.pop()}`;
    for (const path of paths) {
      await Deno.mkdir(dirname(target), { recursive: true });
      const { success } = await new Deno.Command("cp", {
        args: ["-r", `${root}${path}`, target],
      }).output();
      assert(success, path);
    }
  }
  const [, install] = /^RUN deno (.*) \\$/m.exec(dockerfile)!;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: install.split(" "),
    cwd: image,
    env: { DENO_DIR: `${image}/.deno`, NO_COLOR: "1" },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}

Deno.test("the image has all that the command needs", { ignore }, async () => {
  const dockerfile = await Deno.readTextFile(`${folder}Dockerfile`);
  const deployment = await Deno.readTextFile(`${folder}kubernetes.yaml`);
  const image = await Deno.realPath(await Deno.makeTempDir());
  const data = await Deno.realPath(await Deno.makeTempDir());
  try {
    await build(dockerfile, image);
    const [, json] = /^ENTRYPOINT (\[[^\]]*\])/m.exec(dockerfile)!;
    const added = [...deployment.matchAll(/^ +- (--.*)$/gm)];
    const [port, admin] = [freePort(), freePort()];
    const [, ...line] = [
      ...JSON.parse(json.replaceAll("\\\n", "")) as string[],
      ...added.map(([, argument]) => argument),
    ].map((each) =>
      each.replaceAll("8080", `${port}`).replaceAll("9090", `${admin}`)
        .replaceAll("/data", data)
    );
    const child = new Deno.Command(Deno.execPath(), {
      args: line,
      cwd: image,
      env: { DENO_DIR: `${image}/.deno`, NO_COLOR: "1" },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    await using command = new RunningCommand(child);
    await command.stderr.until(/^Serving .*, read and write$/);
    await command.stderr.until(/^Metrics: /);
    for (
      const url of [
        `http://127.0.0.1:${port}/-/ready`,
        `http://127.0.0.1:${port}/-/health`,
        `http://127.0.0.1:${admin}/-/metrics`,
      ]
    ) {
      const response = await fetch(url);
      await response.body?.cancel();
      assertEquals(response.status, 200, url);
    }
  } finally {
    await Deno.remove(image, { recursive: true });
    await Deno.remove(data, { recursive: true });
  }
});
