/** TLS of the command: its certificate, renewed or made, and what it says. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { connect } from "node:tls";
import { runTool, toolTest } from "../clients/tool.ts";
import { canServe, settingsFor } from "../../lib/server/tls_engine.ts";
import {
  decodeReports,
  encodeOrder,
  type Order,
} from "../../lib/cli/worker_channel.ts";
import { pairOf } from "../server/tls_client.ts";
import {
  mayRunCommand,
  readmeFlags,
  runCommand,
  type RunningCommand,
  Site,
  startCommand,
} from "./command.ts";

const none = { cert: "", key: "" };
const localhost = mayRunCommand ? pairOf("localhost") : none;
const renewed = mayRunCommand ? pairOf("renewed") : none;
const ignore = !mayRunCommand ||
  !canServe(settingsFor(localhost.cert, localhost.key));

const files = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];
const reading = "--allow-read=./public,cert.pem,key.pem";

/** Writes a certificate and its key beside the directory. */
async function put(
  site: Site,
  { cert, key }: Partial<typeof localhost>,
): Promise<void> {
  const mode = 0o600;
  if (cert) await Deno.writeTextFile(`${site.path}/cert.pem`, cert, { mode });
  if (key) await Deno.writeTextFile(`${site.path}/key.pem`, key, { mode });
}

async function start(
  site: Site,
  args: string[] = [],
  flags: string[] = [],
): Promise<RunningCommand> {
  return await startCommand(["--port=0", ...files, ...args], {
    cwd: site.path,
    flags: [...readmeFlags, reading, ...flags],
  });
}

/** Asks by a client that trusts only a certificate. */
async function ask(url: string, cert: string): Promise<Response> {
  using client = Deno.createHttpClient({ caCerts: [cert] });
  const response = await fetch(url, { client });
  return new Response(await response.text(), response);
}

Deno.test("--tls-cert: https, and what that changes", { ignore }, async () => {
  await using site = await Site.make();
  await put(site, localhost);
  await using command = await start(site, ["--hsts=3600", "--password"]);
  const { url } = command;
  assertMatch(url, /^https:\/\/127\.0\.0\.1:\d+\/$/);
  const said = await command.stderr.until(/^Password: /);
  const link = /open (\S+)$/.exec(said)![1];
  assert(link.startsWith(`${url}login?key=`));
  using client = Deno.createHttpClient({ caCerts: [localhost.cert] });
  const login = await fetch(link, { client, redirect: "manual" });
  await login.body?.cancel();
  assertMatch(login.headers.get("set-cookie")!, /^__Host-[^]*; Secure/);
  assertEquals(
    login.headers.get("strict-transport-security"),
    "max-age=3600",
  );
  const refused = await fetch(`${url}files/`, { client });
  await refused.body?.cancel();
  assertEquals(refused.status, 401);
  assert(refused.headers.has("strict-transport-security"));
  const clear = await fetch(url.replace("https", "http"));
  assertEquals(clear.status, 400);
  assert((await clear.text()).includes(`HTTPS only, ask for ${url}\n`));
  await command.stdout.until(/ - 400 sent=\d+ .* error="ProtocolError: /);
});

await toolTest("curl", "--cacert, up and down over TLS", async () => {
  await using site = await Site.make();
  await put(site, localhost);
  await using command = await start(site, ["--log=off"]);
  const curl = (...args: string[]) =>
    runTool("curl", ["-sS", "--cacert", `${site.path}/cert.pem`, ...args]);
  const url = `${command.url}files/large`;
  const content = crypto.getRandomValues(new Uint8Array(1 << 16));
  const whole = new Uint8Array(64 * content.length);
  for (let at = 0; at < 64; at++) whole.set(content, at * content.length);
  await Deno.writeFile(`${site.path}/sent`, whole);
  assertEquals(
    await curl("-w", "%{http_code}", "-T", `${site.path}/sent`, url),
    "201",
  );
  await curl("-o", `${site.path}/got`, url);
  assertEquals(await Deno.readFile(`${site.path}/got`), whole);
});

Deno.test("SIGHUP: a renewed certificate, and a wrong one", {
  ignore: ignore || Deno.build.os === "windows",
}, async () => {
  await using site = await Site.make();
  await put(site, localhost);
  await using command = await start(site, ["--log=off"]);
  const url = `${command.url}echo/a`;
  using kept = Deno.createHttpClient({ caCerts: [localhost.cert] });
  const askKept = async () =>
    assertEquals(await (await fetch(url, { client: kept })).text(), "a");
  await askKept();
  await put(site, { key: renewed.key });
  command.kill("SIGHUP");
  await command.stderr.until(
    /^SIGHUP: the certificate stays as it was: .*belongs to another/,
  );
  assertEquals(await (await ask(url, localhost.cert)).text(), "a");
  await put(site, { cert: renewed.cert });
  command.kill("SIGHUP");
  await command.stderr.until(/^SIGHUP: new connections get the certificate /);
  assertEquals(await (await ask(url, renewed.cert)).text(), "a");
  await assertRejects(() => ask(url, localhost.cert), TypeError);
  // On its connection, which is open still.
  await askKept();
});

Deno.test("--workers: all of them have the certificate, and its renewal", {
  ignore: ignore || Deno.build.os !== "linux" ||
    (await Deno.permissions.query({ name: "run" })).state !== "granted",
}, async () => {
  await using site = await Site.make();
  await put(site, localhost);
  await using command = await start(site, ["--workers=2"], [
    `--allow-run=${Deno.execPath()}`,
  ]);
  const url = `${command.url}echo/a`;
  const askOften = async (cert: string) => {
    for (let count = 0; count < 8; count++) {
      assertEquals(await (await ask(url, cert)).text(), "a");
    }
  };
  await askOften(localhost.cert);
  await put(site, renewed);
  command.kill("SIGHUP");
  await command.stderr.until(/^SIGHUP: new connections get the certificate /);
  // The workers are told by a pipe.
  for (;;) {
    try {
      await askOften(renewed.cert);
      break;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
});

Deno.test("a worker goes on with its certificate when it is told a wrong one", {
  ignore: ignore || Deno.build.os !== "linux",
}, async () => {
  await using site = await Site.make();
  await using worker = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--unstable-net", ...readmeFlags],
      new URL("../../main.ts", import.meta.url).href,
      ...["as-worker", "--workers=1", "--host=127.0.0.1", "--log=off"],
    ],
    cwd: site.path,
    ...{ stdin: "piped", stdout: "piped", stderr: "null" },
  }).spawn();
  const orders = worker.stdin.getWriter();
  const tell = (order: Order) => orders.write(encodeOrder(order));
  const place = { place: 0, count: 1 };
  await tell({ type: "start", port: 0, ...place, certificate: localhost });
  await tell({ type: "renew", certificate: { ...localhost, key: "wrong" } });
  for await (const report of decodeReports(worker.stdout)) {
    if (typeof report !== "object" || !("type" in report)) continue;
    if (report.type !== "ready") continue;
    const { port } = report.addr as Deno.NetAddr;
    const url = `https://localhost:${port}/echo/a`;
    for (let count = 0; count < 3; count++) {
      assertEquals(await (await ask(url, localhost.cert)).text(), "a");
    }
    await tell({ type: "drain", delay: 0 });
  }
  await orders.close();
  assertEquals((await worker.status).code, 0);
});

Deno.test("--tls-self-signed: its names, and the fingerprint that is told", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand([
    "--port=0",
    "--host=0.0.0.0",
    "--tls-self-signed",
  ], {
    cwd: site.path,
    flags: [...readmeFlags, "--allow-sys=networkInterfaces"],
  });
  const said = await command.stderr.until(/fingerprint/);
  const { port } = new URL(command.url);
  const certificate = await certificateAt(Number(port));
  assert(said.endsWith(`: ${certificate.fingerprint256}`));
  const names = certificate.subjectaltname!.split(", ");
  const urls = command.stderr.all
    .filter((line) => line.startsWith("On the network: "))
    .map((line) => new URL(line.slice("On the network: ".length)));
  for (const { protocol } of urls) assertEquals(protocol, "https:");
  const hosts = urls.map(({ hostname }) => `IP Address:${hostname}`);
  for (const name of ["DNS:localhost", "IP Address:127.0.0.1", ...hosts]) {
    assert(names.includes(name), name);
  }
  const pem = `-----BEGIN CERTIFICATE-----\n${
    btoa(String.fromCharCode(...certificate.raw))
  }\n-----END CERTIFICATE-----\n`;
  const answer = await ask(`https://localhost:${port}/echo/a`, pem);
  assertEquals(await answer.text(), "a");
});

/** What a server shows. */
function certificateAt(port: number) {
  return new Promise<
    ReturnType<ReturnType<typeof connect>["getPeerCertificate"]>
  >(
    (resolve, reject) => {
      const options = { port, host: "127.0.0.1", rejectUnauthorized: false };
      const socket = connect(options, () => {
        resolve(socket.getPeerCertificate());
        socket.destroy();
      });
      socket.on("error", reject);
    },
  );
}

Deno.test("a certificate that cannot be used: what to change", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await put(site, localhost);
  const run = async (args: string[], flags = [...readmeFlags, reading]) => {
    const all = ["--port=0", ...args];
    const { code, stderr } = await runCommand(all, { cwd: site.path, flags });
    assertEquals(code, 1);
    return stderr.trim().split("\n").at(-1);
  };
  assertEquals(
    await run(files, readmeFlags),
    "Cannot use --tls-cert: not allowed, add --allow-read=cert.pem",
  );
  await put(site, { key: renewed.key });
  assertEquals(
    await run(files),
    "Cannot serve TLS: the key belongs to another certificate, " +
      "name a pair with --tls-cert and --tls-key",
  );
  await Deno.remove(`${site.path}/key.pem`);
  assertEquals(
    await run(files),
    'Cannot use --tls-key: "key.pem", there is no such file, ' +
      "choose another one",
  );
  await Deno.writeTextFile(`${site.path}/public/key.pem`, localhost.key);
  assertEquals(
    await run(["--tls-cert", "cert.pem", "--tls-key", "public/key.pem"]),
    'Cannot use --tls-key: "public/key.pem" is among the served files, ' +
      "move it out",
  );
});

Deno.test("a key that others can read: a warning", {
  ignore: ignore || Deno.build.os === "windows",
}, async () => {
  await using site = await Site.make();
  await put(site, localhost);
  const warning = 'Every user of this machine can read the key "key.pem", ' +
    "change its mode to 600";
  for (const [mode, isTold] of [[0o640, false], [0o644, true]] as const) {
    await Deno.chmod(`${site.path}/key.pem`, mode);
    await using command = await start(site);
    assertEquals(command.stderr.all.includes(warning), isTold);
  }
});
