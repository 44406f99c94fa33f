/**
 * Answers what a page of lessons asks: which there are, and whether what was
 * sent solves one. It judges by the octets that were recorded.
 *
 * @module
 */

import { HttpError } from "../../errors.ts";
import type { Handler, RouteHandler } from "../../handler.ts";
import type { RecordedExchange } from "../recorded_exchange.ts";
import { type Lesson, missing, type Talk, type Verdict } from "./lesson.ts";
import { lessons } from "./mod.ts";
import { misplacedField } from "./near_miss.ts";
import { readExchange } from "./read_exchange.ts";

/** Where the exchanges are kept. */
export interface Records {
  readonly exchanges: readonly RecordedExchange[];
}

/** Answers for the lessons. */
export class Teacher {
  #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /**
   * Answers `GET /xray/lessons` with all of them, and the number of the latest
   * exchange.
   */
  readonly list: Handler = () => {
    const latest = this.#records.exchanges.at(-1)?.id ?? 0;
    // Without the checks: a function has no JSON.
    return Response.json({ lessons, latest }, noStore);
  };

  /**
   * Answers `GET /xray/lessons/:id/verdict?connection=7&after=12` with what the
   * lesson says of the exchanges on that connection, and of those before it,
   * all of them after the one with that number.
   */
  readonly verdict: RouteHandler = ({ url }, _info, match) => {
    const { id } = match.pathname.groups;
    const lesson = lessons.find((each) => each.id === id);
    if (!lesson) throw new HttpError(404, "There is no such lesson");
    const { searchParams } = new URL(url);
    const talk = this.#talkOf(
      Number(searchParams.get("connection")),
      Number(searchParams.get("after")),
    );
    if (talk.exchanges.length === 0) {
      throw new HttpError(404, "This exchange is no longer kept");
    }
    return Response.json(judge(lesson, talk), noStore);
  };

  #talkOf(latest: number, after: number): Talk {
    const kept = this.#records.exchanges.filter(({ id, client }) =>
      id > after && client.startsWith("typed ")
    );
    const read = (of: (connection: number) => boolean) =>
      kept.filter(({ connection }) => of(connection)).map(readExchange);
    return {
      exchanges: read((connection) => connection === latest),
      earlier: read((connection) => connection < latest),
    };
  }
}

function judge(lesson: Lesson, talk: Talk): Verdict {
  const verdict = lesson.check(talk);
  const misplaced = misplacedField(talk.exchanges);
  return misplaced && !verdict.isSolved ? missing(misplaced) : verdict;
}

const noStore = { headers: { "cache-control": "no-store" } };
