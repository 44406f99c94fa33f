/**
 * The lessons, in the order in which they are best taken.
 *
 * @module
 */

import { askFirst } from "./ask_first.ts";
import { chunks } from "./chunks.ts";
import { gzip } from "./gzip.ts";
import { halfClose } from "./half_close.ts";
import { head } from "./head.ts";
import { hello } from "./hello.ts";
import { host } from "./host.ts";
import { lastOctets } from "./last_octets.ts";
import type { Lesson } from "./lesson.ts";
import { noChange } from "./no_change.ts";
import { noLength } from "./no_length.ts";
import { oldVersion } from "./old_version.ts";
import { resume } from "./resume.ts";
import { smuggle } from "./smuggle.ts";
import { twoAtOnce } from "./two_at_once.ts";
import { version } from "./version.ts";

/** All of them. */
export const lessons: readonly Lesson[] = [
  hello,
  host,
  head,
  version,
  oldVersion,
  twoAtOnce,
  lastOctets,
  gzip,
  noLength,
  noChange,
  chunks,
  askFirst,
  halfClose,
  smuggle,
  resume,
];
