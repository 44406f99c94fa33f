/**
 * An honest client: connects anew, asks, and expects its answer in good time.
 *
 * @module
 */
import { ask } from "./client.ts";
import type { Tally } from "./fault.ts";

/** Milliseconds that an answer may take, however busy the machine is. */
const patience = 10_000;

/** Asks once. @returns after how many ms the right answer came; Infinity if not. */
export async function timeOfAnswer(
  port: number,
  path = "/echo/honest",
): Promise<number> {
  const start = performance.now();
  const { status, isWhole } = await ask(port, `GET ${path} HTTP/1.1`);
  return status === 200 && isWhole ? performance.now() - start : Infinity;
}

/** Asks once, and expects an answer. @returns after how many ms it came. */
export async function honest(port: number, tally: Tally): Promise<number> {
  const time = await timeOfAnswer(port);
  tally.expect(
    time < patience,
    () => `an honest client got its answer after ${time.toFixed()} ms`,
  );
  return time;
}
