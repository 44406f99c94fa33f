/**
 * What went wrong on this side goes to the standard error.
 *
 * @module
 */
import type { RequestLine } from "../wire/request_head.ts";

/** What a report calls a request by. */
export type RequestName = Pick<RequestLine, "method" | "rawTarget">;

/**
 * Logs an error, with the method and path of its request. A log that can't be
 * written is no reason to stop serving.
 */
export function report(error: unknown, request?: RequestName): void {
  try {
    if (request) console.error(`${nameOf(request)}:`, error);
    else console.error(error);
  } catch {
    // A full disk behind the standard error.
  }
}

/** Without the query, which may hold what belongs in no log. */
function nameOf({ method, rawTarget }: RequestName): string {
  return `${method} ${rawTarget.split("?", 1)[0]}`;
}

/**
 * Calls what somebody else has written. Whatever it throws, and whatever a
 * promise that it returns rejects with, is reported, and no more.
 */
export function quietly(call: () => unknown, request?: RequestName): void {
  try {
    const result = call();
    if (typeof result === "object" && result !== null) settle(result, request);
  } catch (error) {
    report(error, request);
  }
}

async function settle(result: object, request?: RequestName): Promise<void> {
  try {
    await result;
  } catch (error) {
    report(error, request);
  }
}
