/**
 * An honest client: connects anew, asks, and expects its answer in good time.
 *
 * @module
 */
import { ask } from "./client.ts";
import type { Tally } from "./fault.ts";

/** Milliseconds that an answer may take, however busy the machine is. */
const usual = 10_000;

/** What to ask, and for how long. */
interface Wish {
  path?: string;
  /** In milliseconds. */
  patience?: number;
}

/** Asks once. @returns after how many ms the right answer came; Infinity if not. */
export async function timeOfAnswer(
  port: number,
  { path = "/echo/honest", patience = usual }: Wish = {},
): Promise<number> {
  const start = performance.now();
  const line = `GET ${path} HTTP/1.1`;
  const { status, isWhole } = await ask(port, line, { patience });
  return status === 200 && isWhole ? performance.now() - start : Infinity;
}

/** Asks once, and expects an answer. @returns after how many ms it came. */
export async function honest(
  port: number,
  tally: Tally,
  patience?: number,
): Promise<number> {
  const start = performance.now();
  const time = await timeOfAnswer(port, { patience });
  tally.expect(
    time !== Infinity,
    () =>
      "an honest client got no answer, and was given up after " +
      `${(performance.now() - start).toFixed()} ms`,
  );
  return time;
}
