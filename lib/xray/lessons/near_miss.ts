/**
 * What goes wrong in any lesson, told apart by what crossed the wire: a check
 * asks here first, or last.
 *
 * @module
 */

import type { ReadExchange, ReadRequest } from "./read_exchange.ts";

/** What keeps a request from being one, whatever it is for. */
export function flawOf(request: ReadRequest): string | undefined {
  if (request.hasBareLf) {
    return "Your lines ended with LF alone, and the server refuses that. Below the box, under “Line ends, signs and the end”, set “Each line ends with” to CR LF.";
  }
  if (!request.isHeadWhole) {
    return "The head of your request has no end. Leave an empty line after the last field: press Enter twice.";
  }
  return undefined;
}

/** What is said where no final answer came. */
export const unanswered =
  "The server sent no final answer to that. Below the box, under “Line ends, signs and the end”, let the page end its side after the last octet.";

/**
 * Why there is no success, in the server's own words; undefined if there is.
 */
export function failureOf({ request, response }: ReadExchange) {
  const flaw = misshapen(request) ?? flawOf(request);
  if (flaw) return flaw;
  if (!response) return unanswered;
  if (response.status < 400) return undefined;
  const [stray] = request.strays;
  if (response.status === 400 && stray) {
    return `The line \`${stray}\` has no colon. A field is a name, a colon and a value.`;
  }
  return reasons[response.status]?.(request) ??
    `The server answered ${response.status}: ${problemOf(response)}.`;
}

/** What the server says of an error, without its status and section. */
export function problemOf({ content }: { content: string }): string {
  try {
    const { title, detail = title } = JSON.parse(content);
    return String(detail);
  } catch {
    const text = content.trim().replace(/^\d{3} [^:]*: /, "");
    const section = text.lastIndexOf(" (RFC ");
    return section < 0 ? text : text.slice(0, section);
  }
}

/** What is wrong with the shape of the first line. */
function misshapen({ target, version }: ReadRequest): string | undefined {
  if (target === "" || version === "") {
    return "The first line of a request has three words: a method, a target and a version, such as `GET /echo/hello HTTP/1.1`.";
  }
  if (/^\w/.test(target) && !target.includes(":")) {
    return `The target \`${target}\` has to begin with \`/\`.`;
  }
  return undefined;
}

const reasons: Record<number, (request: ReadRequest) => string | undefined> = {
  404: ({ target }) =>
    `There is nothing at \`${target}\`, so the server answered 404. Compare the path with the one of this lesson.`,
  405: ({ method, target }) =>
    `\`${target}\` does not take \`${method}\`, so the server answered 405. Its field \`Allow\` lists what it takes.`,
  501: ({ method }) =>
    method === method.toUpperCase()
      ? `The server knows no method \`${method}\`, so it answered 501.`
      : `The server knows no method \`${method}\`, so it answered 501. The case of a method matters: write \`${method.toUpperCase()}\`.`,
};

/** Whether the values of a field name a thing, such as a coding. */
export function names(
  value: string | undefined,
  sought: string,
): boolean {
  return (value ?? "").toLowerCase().split(/[\s,;]+/).includes(sought);
}

/** Says that another method is meant. */
export function otherMethod(
  { method }: ReadRequest,
  ...meant: string[]
): string | undefined {
  if (meant.includes(method)) return undefined;
  return `Your method was \`${method}\`. This lesson wants ${
    meant.map((each) => `\`${each}\``).join(" or ")
  }.`;
}

/**
 * A field below the empty line, where a box that ends with one invites people to
 * write: the server takes it for the next request.
 */
export function misplacedField(
  exchanges: readonly ReadExchange[],
): string | undefined {
  const field = exchanges.slice(1)
    .find(({ request }) => /^[-\w]+:$/.test(request.method));
  return field &&
    `\`${field.request.method}\` stands after the empty line, so the server took it for another request. Fields belong above the empty line: put it right below \`Host\`.`;
}
