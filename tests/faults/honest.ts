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

/** What an honest client saw. */
interface Experience {
  /** Milliseconds. */
  time: number;
  /** Of the answer; 0 if there was none. */
  status: number;
  /** Whether it was the right answer, and all of it. */
  isGood: boolean;
}

async function experience(
  port: number,
  { path = "/echo/honest", patience = usual }: Wish = {},
): Promise<Experience> {
  const start = performance.now();
  const line = `GET ${path} HTTP/1.1`;
  const { status, isWhole } = await ask(port, line, { patience });
  const time = performance.now() - start;
  return { time, status, isGood: status === 200 && isWhole };
}

/** Asks once. @returns after how many ms the right answer came; Infinity if not. */
export async function timeOfAnswer(port: number, wish?: Wish): Promise<number> {
  const { time, isGood } = await experience(port, wish);
  return isGood ? time : Infinity;
}

/** Asks once, and expects an answer. @returns after how many ms it came. */
export async function honest(
  port: number,
  tally: Tally,
  patience?: number,
): Promise<number> {
  const { time, status, isGood } = await experience(port, { patience });
  tally.expect(
    isGood,
    () =>
      `an honest client got ${status || "no answer"} in ${time.toFixed()} ms`,
  );
  return isGood ? time : Infinity;
}
