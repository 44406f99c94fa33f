/**
 * What a parser says of the octets of a connection: the messages that it found
 * whole, then why it went no further, if it did not come to the end in peace.
 *
 * @module
 */

/** A request as any parser can tell it. Octets are text, a character each. */
export interface Message {
  method: string;
  target: string;
  minorVersion: number;
  fields: (readonly [string, string])[];
  content: string;
}

/** One parser's opinion. */
export interface Verdict {
  messages: Message[];
  /** Why the rest was refused. */
  refusal?: string;
  /** Whether it says that no message follows the last one. */
  closes?: boolean;
}
