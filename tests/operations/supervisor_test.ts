/** Workers that are kept running: fakes, which end when they are told to. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Supervisor, type Worker } from "../../lib/operations/supervisor.ts";

/** A worker that serves and ends when a test wants it to. */
class Fake implements Worker<string> {
  readonly #ready = Promise.withResolvers<string | undefined>();
  readonly #ended = Promise.withResolvers<string>();
  /** What it was told. */
  readonly told: string[] = [];

  constructor(readonly place: number, readonly first: string | undefined) {}

  get ready(): Promise<string | undefined> {
    return this.#ready.promise;
  }

  get ended(): Promise<string> {
    return this.#ended.promise;
  }

  serve(): void {
    this.#ready.resolve(`ready ${this.place}`);
  }

  refuse(reason: Error): void {
    this.#ready.reject(reason);
    this.#ended.resolve(reason.message);
  }

  end(how: string): void {
    this.#ready.resolve(undefined);
    this.#ended.resolve(how);
  }

  drain(delay: number): void {
    this.told.push(`drain ${delay}`);
    this.end("drained");
  }

  kill(): void {
    this.told.push("kill");
    this.end("killed");
  }
}

/** A supervisor of fakes, what it started, and what it waited for. */
class Scene {
  readonly started: Fake[] = [];
  readonly ends: string[] = [];
  readonly pauses: number[] = [];
  readonly supervisor: Supervisor<string>;
  #start = Promise.withResolvers<Fake>();

  constructor(count: number) {
    this.supervisor = new Supervisor({
      count,
      start: (place, first) => {
        const fake = new Fake(place, first);
        this.started.push(fake);
        const { resolve } = this.#start;
        this.#start = Promise.withResolvers();
        resolve(fake);
        return fake;
      },
      onEnd: (place, how, pause) => this.ends.push(`${place} ${how} ${pause}`),
      onChange() {},
      wait: (milliseconds) => {
        this.pauses.push(milliseconds);
        return Promise.resolve();
      },
    });
  }

  /** The one that is started next. */
  get next(): Promise<Fake> {
    return this.#start.promise;
  }

  /** Starts workers that all serve. */
  static async serving(count: number): Promise<Scene> {
    const scene = new Scene(count);
    const ready = scene.supervisor.start();
    scene.started[0].serve();
    while (scene.started.length < count) await scene.next;
    for (const fake of scene.started.slice(1)) fake.serve();
    assertEquals(await ready, "ready 0");
    return scene;
  }
}

Deno.test("the others start once the first one serves, and hear of it", async () => {
  const { started, supervisor } = await Scene.serving(3);
  assertEquals(
    started.map(({ place, first }) => [place, first]),
    [[0, undefined], [1, "ready 0"], [2, "ready 0"]],
  );
  assertEquals(supervisor.serving, 3);
  assertEquals(supervisor.restarts, 0);
});

Deno.test("one that ended is started again, first at once, then with pauses", async () => {
  const scene = await Scene.serving(2);
  let worker = scene.started[1];
  for (let ends = 0; ends < 8; ends++) {
    const { next } = scene;
    worker.end("SIGKILL");
    worker = await next;
    assertEquals(worker.place, 1);
  }
  assertEquals(scene.pauses, [250, 500, 1000, 2000, 5000, 5000, 5000]);
  assertEquals(scene.ends.slice(0, 2), ["1 SIGKILL 0", "1 SIGKILL 250"]);
  assertEquals(scene.supervisor.restarts, 8);
  assertEquals(scene.supervisor.serving, 1);
});

Deno.test("a place has a brake of its own", async () => {
  const scene = await Scene.serving(2);
  for (const place of [0, 1]) {
    const { next } = scene;
    scene.started[place].end("SIGKILL");
    assertEquals((await next).place, place);
  }
  assertEquals(scene.pauses, []);
});

Deno.test("a first one that says why it cannot serve is not tried again", async () => {
  const scene = new Scene(2);
  const ready = scene.supervisor.start();
  scene.started[0].refuse(new TypeError("no such directory"));
  await assertRejects(() => ready, TypeError, "no such directory");
  assertEquals(scene.started.length, 1);
});

Deno.test("a first one that ends without a word is tried three times", async () => {
  const scene = new Scene(2);
  const ready = scene.supervisor.start();
  for (let attempt = 0; attempt < 3; attempt++) {
    const { next } = scene;
    scene.started[attempt].end(`exit code ${attempt}`);
    if (attempt < 2) await next;
  }
  await assertRejects(() => ready, Error, "exit code 2");
  assertEquals(scene.started.length, 3);
});

Deno.test("a start waits for no second one that cannot serve", async () => {
  const scene = new Scene(2);
  const ready = scene.supervisor.start();
  const { next } = scene;
  scene.started[0].serve();
  (await next).refuse(new Error("out of memory"));
  assertEquals(await ready, "ready 0");
  assertEquals(scene.ends, ["1 out of memory 0"]);
});

Deno.test("all are drained together, and none is started any more", async () => {
  const { started, supervisor } = await Scene.serving(3);
  supervisor.drain(5000);
  await supervisor.finished;
  for (const { told } of started) assertEquals(told, ["drain 5000"]);
  assertEquals(started.length, 3);
  assertEquals(supervisor.serving, 0);
});

Deno.test("a drain ends the wait of the brake", async () => {
  let aborted: AbortSignal | undefined;
  const started: Fake[] = [];
  const waiting = Promise.withResolvers<void>();
  const supervisor = new Supervisor<string>({
    count: 1,
    start: (place, first) => {
      const fake = new Fake(place, first);
      started.push(fake);
      fake.serve();
      return fake;
    },
    onEnd() {},
    onChange() {},
    wait: (_, signal) => {
      aborted = signal;
      waiting.resolve();
      return new Promise((resolve) =>
        signal.addEventListener("abort", () => resolve())
      );
    },
  });
  await supervisor.start();
  started[0].end("SIGKILL");
  while (started.length < 2) await Promise.resolve();
  started[1].end("SIGKILL");
  await waiting.promise;
  supervisor.drain(0);
  await supervisor.finished;
  assert(aborted?.aborted);
  assertEquals(started.length, 2);
});

Deno.test("all can be ended at once", async () => {
  const { started, supervisor } = await Scene.serving(2);
  supervisor.kill();
  await supervisor.finished;
  for (const { told } of started) assertEquals(told, ["kill"]);
});
