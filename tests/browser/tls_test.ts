/** A phone's way over a certificate that nobody knows: log in, and upload. */

import { assert, assertEquals } from "@std/assert";
import { createHash, X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { hasChromium, launch } from "./browser.ts";
import { Site, startCommand } from "../cli/command.ts";

const phone = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};

/** What Chromium calls a key: SHA-256 over its SubjectPublicKeyInfo. */
async function keyAt(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { port, host: "127.0.0.1", rejectUnauthorized: false };
  const socket = connect(options, () => {
    const { raw } = socket.getPeerCertificate();
    const spki = new X509Certificate(raw).publicKey
      .export({ type: "spki", format: "der" });
    resolve(createHash("sha256").update(spki).digest("base64"));
    socket.destroy();
  });
  socket.on("error", reject);
  return await promise;
}

Deno.test({
  name: "chromium: a phone logs in and uploads over --tls-self-signed",
  ignore: !hasChromium,
}, async () => {
  await using site = await Site.make();
  const args = ["--port=0", "--log=off", "--tls-self-signed", "--password"];
  await using command = await startCommand(args, { cwd: site.path });
  const said = await command.stderr.until(/^Password: /);
  const [, password, link] = /^Password: (\S+) .* open (\S+)$/.exec(said)!;
  const { url } = command;
  assert(url.startsWith("https://"));
  const key = await keyAt(Number(new URL(url).port));
  const browser = await launch(`--ignore-certificate-errors-spki-list=${key}`);
  try {
    const page = await (await browser.newContext(phone)).newPage();
    const wrong: string[] = [];
    page.on("pageerror", (error) => wrong.push(`${error}`));
    await page.goto(url);
    await page.fill("#name", "me");
    await page.fill("#password", password);
    await page.click("text=Log in >> nth=-1");
    await page.waitForURL(url);
    const cookies = await page.context().cookies();
    assertEquals(cookies.map(({ secure }) => secure), [true]);
    assert(cookies[0].name.startsWith("__Host-"));
    await Deno.writeTextFile(`${site.path}/photo.txt`, "a photo");
    await page.click("#upload-menu");
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      page.click(".menu >> text=Upload files"),
    ]);
    await chooser.setFiles(`${site.path}/photo.txt`);
    await page.waitForSelector("#uploads >> text=1 file uploaded");
    assertEquals(
      await Deno.readTextFile(`${site.path}/public/photo.txt`),
      "a photo",
    );
    // As its QR code or its link is opened.
    const other = await (await browser.newContext(phone)).newPage();
    await other.goto(link);
    await other.goto(`${url}files/photo.txt`);
    assertEquals(await other.textContent("body"), "a photo");
    assertEquals(wrong, []);
  } finally {
    await browser.close();
  }
});
