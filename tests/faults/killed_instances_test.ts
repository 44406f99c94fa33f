/**
 * Three instances on one directory behind a balancer with its file of `deploy/`,
 * each killed and started again while clients ask: what may be sent again is
 * answered, and uploads go on with another instance.
 */

import { freePort } from "../bench/processes.ts";
import { fault, type Tally } from "./fault.ts";
import { times } from "./form.ts";
import { hasTool, startDeployed } from "./proxies.ts";
import { mayRun, noise, RawUpload, Server } from "./server.ts";
import { isSame } from "./traffic.ts";

/** Clients of each kind. */
const clients = 4;
/** So often may one transfer break off. */
const attempts = 20;
/** Answers of each kind between one kill and the next, at least. */
const between = 20;

const large = noise(1_000_000, 20);
/** More than all buffers on the way hold: it waits for its client. */
const largest = noise(32_000_000, 22);
const uploaded = noise(2_000_000, 21);

/** What clients ask for, in turn, until they are stopped. */
class Clients {
  readonly #url: string;
  readonly #port: number;
  readonly #tally: Tally;
  /** Downloads that broke off, and went on. */
  resumedDownloads = 0;
  /** Uploads that broke off, and went on. */
  resumedUploads = 0;
  /** Uploads that arrived. */
  uploads = 0;
  #answered = new Map<string, number>();
  #isOn = true;
  #running: Promise<unknown> = Promise.resolve();
  #more = Promise.withResolvers<void>();
  /** Transfers wait here on their way. */
  #kill = Promise.withResolvers<void>();
  #halfway = 0;

  constructor(port: number, tally: Tally) {
    this.#url = `http://127.0.0.1:${port}`;
    this.#port = port;
    this.#tally = tally;
  }

  start(): void {
    const each = Array.from({ length: clients }, (_, at) => at);
    this.#running = Promise.all(each.flatMap((at) => [
      this.#repeat("echo", () => this.#echo(at)),
      this.#repeat("read", () => this.#read("large.bin", large)),
      this.#repeat("download", () => this.#read("largest.bin", largest, true)),
      this.#repeat("write", () => this.#write(at)),
      this.#repeat("upload", () => this.#upload(at)),
    ]));
  }

  /** Fulfilled when so many of each kind were answered, and transfers wait. */
  async untilBusy(): Promise<void> {
    const before = new Map(this.#answered);
    const isEnough = () =>
      ["echo", "read", "write"].every((kind) =>
        (this.#answered.get(kind) ?? 0) - (before.get(kind) ?? 0) >= between
      ) && this.#halfway === 2 * clients;
    while (!isEnough()) await this.#more.promise;
  }

  /** An instance was killed: transfers go on. */
  tellKill(): void {
    this.#halfway = 0;
    this.#kill.resolve();
    this.#kill = Promise.withResolvers();
  }

  /** @returns how many requests were answered. */
  async stop(): Promise<number> {
    this.#isOn = false;
    this.tellKill();
    await this.#running;
    return [...this.#answered.values()].reduce((sum, count) => sum + count, 0);
  }

  async #repeat(
    kind: string,
    ask: () => Promise<string | undefined>,
  ): Promise<void> {
    while (this.#isOn) {
      const wrong = await ask().catch((error) => String(error));
      this.#tally.expect(wrong === undefined, () => `${kind}: ${wrong}`);
      this.#answered.set(kind, (this.#answered.get(kind) ?? 0) + 1);
      this.#tellMore();
    }
  }

  async #awaitKill(): Promise<void> {
    if (!this.#isOn) return;
    const kill = this.#kill.promise;
    this.#halfway++;
    this.#tellMore();
    await kill;
  }

  #tellMore(): void {
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }

  async #echo(at: number): Promise<string | undefined> {
    const response = await fetch(`${this.#url}/echo/${at}`);
    const text = await response.text();
    return text === `${at}` ? undefined : `${response.status} ${text}`;
  }

  async #write(at: number): Promise<string | undefined> {
    const { status, body } = await fetch(`${this.#url}/files/${at}.bin`, {
      method: "PUT",
      body: large.subarray(0, 5000),
    });
    await body?.cancel();
    return status === 201 || status === 204 ? undefined : `${status}`;
  }

  /** Goes on where it broke off, as browsers and curl do (RFC 9110 §14.2). */
  async #read(
    name: string,
    whole: Uint8Array<ArrayBuffer>,
    isWaiting = false,
  ): Promise<string | undefined> {
    const octets = new Uint8Array(whole.length);
    let got = 0;
    let tag = "";
    for (let attempt = 0; got < octets.length; attempt++) {
      if (attempt === attempts) return "it broke off too often";
      const headers: HeadersInit = got > 0
        ? { range: `bytes=${got}-`, "if-range": tag }
        : {};
      const response = await fetch(`${this.#url}/files/${name}`, { headers });
      if (response.status !== (got > 0 ? 206 : 200)) {
        return `${response.status}`;
      }
      tag = response.headers.get("etag")!;
      try {
        for await (const piece of response.body!) {
          octets.set(piece, got);
          got += piece.length;
          if (isWaiting) await this.#awaitKill();
          isWaiting = false;
        }
      } catch {
        this.resumedDownloads++;
      }
    }
    return isSame(octets, whole) ? undefined : "other octets";
  }

  async #upload(at: number): Promise<string | undefined> {
    const name = `upload-${at}.bin`;
    const { status, headers, body } = await fetch(
      `${this.#url}/files/${name}`,
      {
        method: "PUT",
        headers: {
          "upload-complete": "?0",
          "upload-length": `${uploaded.length}`,
        },
      },
    );
    await body?.cancel();
    if (status !== 201) return `create ${status}`;
    const location = headers.get("location")!;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const offset = await this.#offsetOf(location);
      if (typeof offset === "string") return offset;
      if (offset === undefined) break;
      const answer = await this.#append(location, offset, attempt === 0);
      if (/^HTTP\/1\.1 20[14] /.test(answer)) break;
      this.resumedUploads++;
    }
    this.uploads++;
    const response = await fetch(`${this.#url}/files/${name}`);
    const octets = new Uint8Array(await response.arrayBuffer());
    return isSame(octets, uploaded) ? undefined : "other octets arrived";
  }

  /** Undefined when the upload is complete, and a text when that is wrong. */
  async #offsetOf(location: string): Promise<number | undefined | string> {
    const { status, headers } = await fetch(`${this.#url}${location}`, {
      method: "HEAD",
    });
    if (status === 404) return undefined;
    if (status !== 204) return `offset ${status}`;
    return Number(headers.get("upload-offset"));
  }

  /** Sends the rest, and the first time waits in the middle for a kill. */
  async #append(
    location: string,
    offset: number,
    isFirst: boolean,
  ): Promise<string> {
    const upload = await RawUpload.begin(
      this.#port,
      `PATCH ${location} HTTP/1.1`,
      "Content-Type: application/partial-upload",
      "Upload-Complete: ?1",
      `Upload-Offset: ${offset}`,
      `Content-Length: ${uploaded.length - offset}`,
      "Connection: close",
    );
    const middle = (uploaded.length + offset) >> 1;
    await upload.send(uploaded.subarray(offset, middle));
    if (isFirst) await this.#awaitKill();
    await upload.send(uploaded.subarray(middle));
    const answer = await upload.answer;
    upload.close();
    return answer;
  }
}

const rounds = times(1, 3);

for (const name of ["haproxy", "nginx"] as const) {
  fault({
    fault: `three instances behind ${name} are killed in turn`,
    promise:
      "no request fails that may be sent again, and each upload arrives whole",
    ignore: !mayRun || !await hasTool(name),
  }, async (tally) => {
    const directory = await Deno.realPath(await Deno.makeTempDir());
    await Deno.writeFile(`${directory}/large.bin`, large);
    await Deno.writeFile(`${directory}/largest.bin`, largest);
    const launch = (port: number) =>
      Server.start(
        directory,
        ...["--port", `${port}`, "--trust-proxy", "127.0.0.1"],
      );
    const servers = await Promise.all([1, 2, 3].map(() => launch(freePort())));
    const port = freePort();
    try {
      await using _balancer = await startDeployed(
        name,
        port,
        servers.map(({ port }) => port),
      );
      const running = new Clients(port, tally);
      running.start();
      for (let round = 0; round < rounds; round++) {
        for (const [at, server] of servers.entries()) {
          await running.untilBusy();
          await server.kill("SIGKILL");
          tally.inject();
          running.tellKill();
          servers[at] = await launch(server.port);
        }
      }
      const answered = await running.stop();
      const { uploads, resumedUploads, resumedDownloads } = running;
      console.log(
        `${name}: ${answered} answers, ${uploads} uploads; ` +
          `${resumedUploads} uploads and ${resumedDownloads} downloads went on`,
      );
      tally.expect(resumedUploads > 0, () => "No upload broke off");
      tally.expect(resumedDownloads > 0, () => "No download broke off");
    } finally {
      for (const server of servers) await server.kill();
      await Deno.remove(directory, { recursive: true });
    }
  });
}
