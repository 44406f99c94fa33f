/**
 * The rows of a list go in, its text comes out, as fast as the client takes it:
 * of a long one no more is held than a piece.
 *
 * @module
 */

import { turns, type Work } from "./bounded_work.ts";
import type { Listed } from "./listing.ts";
import type { Form } from "./listing_forms.ts";

/** An entry, or a place to rest at. */
export type Row = Listed | undefined;

/** Characters from which on a piece is sent. */
const PIECE = 16 * 1024;
/** Characters up to which a list is sent at once, with its length. */
const SHORT = 64 * 1024;

/** A piece of text, or a place to rest at. */
type Piece = string | undefined;

/**
 * Makes the text of rows, piece by piece.
 *
 * @param verify Called before a piece leaves; throws where it must not.
 */
export function* pieces(
  rows: Iterable<Row>,
  form: Form,
  verify: () => void,
): Generator<Piece> {
  let text = form.start;
  let separator = "";
  for (const row of rows) {
    if (row === undefined) {
      yield undefined;
      continue;
    }
    text += separator + form.row(row);
    separator = form.separator;
    if (text.length < PIECE) continue;
    verify();
    yield text;
    text = "";
  }
  verify();
  yield text + form.end;
}

/** What the text is sent under. */
interface Sending {
  /** Aborts when the client has gone. */
  signal: AbortSignal;
  /** Called when no more of it is needed. */
  release: () => void;
}

/**
 * The text, if it is short, else a stream of it. Rejects as the pieces throw, and
 * with the reason of the signal.
 */
export async function streamed(
  content: Generator<Piece>,
  { signal, release }: Sending,
): Promise<string | ReadableStream<Uint8Array<ArrayBuffer>>> {
  const { text, isWhole } = await turns.run(gather(content, SHORT), signal);
  if (!isWhole) return streamBehind(text, content, release);
  release();
  return text;
}

function streamBehind(
  start: string,
  content: Generator<Piece>,
  release: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const cancelled = new AbortController();
  let first = start;
  return new ReadableStream({
    async pull(controller) {
      try {
        const { text, isWhole } = first
          ? { text: first, isWhole: false }
          : await turns.run(gather(content, PIECE), cancelled.signal);
        first = "";
        if (text) controller.enqueue(encoder.encode(text));
        if (!isWhole) return;
        controller.close();
        release();
      } catch (error) {
        release();
        throw error;
      }
    },
    cancel(reason) {
      cancelled.abort(reason);
      release();
    },
  }, { highWaterMark: 0 });
}

/** As much text as is there, or more than so many characters. */
function* gather(
  content: Generator<Piece>,
  most: number,
): Work<{ text: string; isWhole: boolean }> {
  let text = "";
  // A for-of loop would end the generator with itself.
  for (;;) {
    const { value, done } = content.next();
    if (done) return { text, isWhole: true };
    if (value === undefined) yield;
    else text += value;
    if (text.length >= most) return { text, isWhole: false };
  }
}
