/**
 * Protocol cases: what a client sends and what comes of it. Each is fed whole,
 * octet by octet and cut at every place; the outcome must be the same.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { converse, type Setting } from "./conversation.ts";

/** One case. Each answer is written `200 GET http://h/ []`, or a status alone. */
export interface MessageCase extends Setting {
  /** Named with its section: `RFC 9112 §3: one request`. */
  name: string;
  send: string;
  answers: (string | number)[];
}

/** A request that any case can end with, to show where the next one begins. */
export const NEXT = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";
/** The answer to it. */
export const NEXT_ANSWER = "200 GET http://h/next []";

/** Registers a test for each case. */
export function testMessages(cases: MessageCase[]): void {
  for (const { name, send, answers, ...setting } of cases) {
    Deno.test(name, async () => {
      const told = async (arrivals: string[]) =>
        (await converse(arrivals, setting)).map((answer, index) =>
          typeof answers[index] === "number"
            ? answer.status
            : `${answer.status} ${answer.content}`
        );
      assertEquals(await told([send]), answers, "whole");
      assertEquals(await told([...send]), answers, "octet by octet");
      for (let at = 1; at < send.length; at++) {
        const parts = [send.slice(0, at), send.slice(at)];
        assertEquals(await told(parts), answers, `cut at ${at}`);
      }
    });
  }
}
