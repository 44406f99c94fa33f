/**
 * What a process that serves has to do besides, and has time for only once it
 * has answered its first request.
 *
 * @module
 */

import type { Handler } from "../handler.ts";
import type { App } from "./app.ts";

/** Milliseconds between two removals of uploads that were not resumed. */
const SWEEP_PERIOD = 10 * 60 * 1000;

/** Milliseconds between two looks for what crashed processes have deleted. */
const PUT_BACK_PERIOD = 60 * 1000;

/** Milliseconds between two looks at the memory of an idle process. */
const MEMORY_PERIOD = 5000;

/** Finishes the start after the first answer, which should not wait for it. */
export function finishingStart(handler: Handler, app: App): Handler {
  let isFirst = true;
  return (request, info) => {
    const finish = () => finishStart(app);
    if (isFirst) info.completed.then(finish, finish);
    isFirst = false;
    return handler(request, info);
  };
}

function finishStart({ loadRest, sweep, putBack }: App) {
  // Modules of a checkout may change later, so they are loaded now. A failure
  // is reported to the request that needs the module.
  loadRest().catch(() => {});
  giveBackMemory().catch(() => {});
  // Uploads trigger sweeps themselves, but only while there are any. The first
  // timer takes Deno 9 ms.
  if (sweep) repeat(sweep, SWEEP_PERIOD);
  if (putBack) repeat(putBack, PUT_BACK_PERIOD);
}

/** An error now may be gone the next time. */
function repeat(work: () => Promise<unknown>, period: number): void {
  Deno.unrefTimer(setInterval(() => work().catch(() => {}), period));
}

async function giveBackMemory() {
  const { IdleMemory } = await import("./idle_memory.ts");
  const memory = new IdleMemory();
  Deno.unrefTimer(setInterval(() => memory.look(), MEMORY_PERIOD));
}
