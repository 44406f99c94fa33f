// One exchange: what is said of its parts, its octets, its times, and the tools
// for it.

import { element, say } from "./dialogs.js";
import { statuses } from "./meanings.js";
import { octetsOf, typedText, visible, visibleLatin1 } from "./octet_text.js";
import { fillComposer, linksOf } from "./xray_hooks.js";
import { octetsView } from "./xray_octets.js";
import { find } from "./xray_page_parts.js";
import { explanationOf, sectionLink } from "./xray_parts.js";
import { timesOf } from "./xray_times.js";
import { words as all } from "./words.js";

const words = all.xray;

/** @typedef {import("./xray_hooks.js").Part} Part */
/** @typedef {{ side: "request" | "response", length: number, octets: string, parts: Part[] }} Message */
/** @typedef {import("./xray_times.js").Stage} Stage */
/** @typedef {import("./xray_list.js").Summary & { stages: Stage[], messages: Message[] }} Details */
/** @typedef {{ side: "request" | "response", length: number, bytes: Uint8Array, parts: Part[] }} Kept */

/** How many octets of a mistake are quoted beside its explanation. */
const MOST_QUOTED = 60;

/** Whether octets are shown in hexadecimal; it stays from one to the next. */
let isHex = false;
const details = find("#details");

export function showNothing() {
  details.replaceChildren(
    element("p", { class: "muted" }, words.details.choose),
  );
}

/** @param {Details} exchange */
export function showExchange(exchange) {
  const messages = exchange.messages.map(({ octets, ...message }) => ({
    ...message,
    bytes: octetsOf(octets),
  }));
  const explanation = element(
    "div",
    { id: "explanation", class: "panel", role: "status" },
    element("span", { class: "muted" }, words.details.hint),
  );
  const octets = element("div");
  const showOctets = () =>
    octets.replaceChildren(
      ...messages.flatMap((message) => sectionOf(message, explanation)),
    );
  showOctets();
  const tool = element("section", { id: "tool", hidden: true });
  details.replaceChildren(
    headingOf(exchange),
    toolbar(exchange, messages[0], { tool, showOctets }),
    tool,
    explanation,
    octets,
    timesOf(exchange.stages),
  );
}

/** @param {Details} exchange */
function headingOf(exchange) {
  const { method, target, status, isOver } = exchange;
  const meaning = status === undefined
    ? isOver ? words.details.unanswered : words.details.open
    : (statuses[status] ?? statuses[`${status}`[0]])?.[0] ?? "";
  return element(
    "header",
    {},
    element("h2", {}, visibleLatin1(`${method} ${target}`)),
    element(
      "p",
      { class: "outcome" },
      element(
        "strong",
        { class: "exchange-status", "data-class": `${status ?? ""}`[0] },
        `${status ?? "–"}`,
      ),
      ` ${meaning}`,
    ),
    element("p", { class: "muted" }, words.details.from(exchange)),
  );
}

/**
 * @param {Details} exchange
 * @param {Kept} request
 * @param {{ tool: HTMLElement, showOctets: () => void }} parts
 */
function toolbar(exchange, request, { tool, showOctets }) {
  const { edit, copy, replay, follow, hex } = words.details;
  const hexButton = element(
    "button",
    { type: "button", "aria-pressed": `${isHex}` },
    hex,
  );
  hexButton.addEventListener("click", () => {
    isHex = !isHex;
    hexButton.setAttribute("aria-pressed", `${isHex}`);
    showOctets();
  });
  const bar = element(
    "div",
    { class: "row toolbar" },
    action(edit, () => editAgain(request)),
    action(copy, async () => {
      const { showCommands } = await import("./xray_copy.js");
      showCommands(request);
    }),
    toggle(replay, tool, async () => {
      const { replayOf } = await import("./xray_replay.js");
      return await replayOf(exchange.id, request);
    }),
    toggle(follow, tool, async () => {
      const { connectionOf } = await import("./xray_connection.js");
      return await connectionOf(exchange.id);
    }),
    hexButton,
  );
  return bar;
}

/**
 * @param {string} name
 * @param {() => void} act
 */
function action(name, act) {
  const button = element("button", { type: "button" }, name);
  button.addEventListener("click", act);
  return button;
}

/**
 * A button that opens a tool, or closes it.
 *
 * @param {string} name
 * @param {HTMLElement} tool
 * @param {() => Promise<Node[]>} make
 */
function toggle(name, tool, make) {
  const button = element(
    "button",
    { type: "button", "aria-expanded": "false", "aria-controls": "tool" },
    name,
  );
  button.addEventListener("click", async () => {
    const isOpen = button.getAttribute("aria-expanded") === "true";
    for (
      const other
        of button.parentElement?.querySelectorAll("[aria-expanded]") ?? []
    ) {
      other.setAttribute("aria-expanded", "false");
    }
    tool.hidden = isOpen;
    if (isOpen) return tool.replaceChildren();
    button.setAttribute("aria-expanded", "true");
    tool.setAttribute("aria-label", name);
    try {
      tool.replaceChildren(...await make());
    } catch (error) {
      say(error instanceof Error ? error.message : `${error}`);
      tool.hidden = true;
      button.setAttribute("aria-expanded", "false");
    }
  });
  return button;
}

/** @param {Kept} request */
function editAgain({ bytes, length }) {
  fillComposer({ text: typedText(bytes) });
  say(words.composer.refilled(length - bytes.length));
}

/**
 * @param {Kept} message
 * @param {HTMLElement} explanation
 */
function sectionOf(message, explanation) {
  const { side, length, bytes } = message;
  const title = words.details.title[side];
  const kept = length > bytes.length
    ? `, ${words.details.shown(bytes.length)}`
    : "";
  const heading = element(
    "h3",
    {},
    title,
    element("span", { class: "muted" }, ` ${words.octets(length)}${kept}`),
  );
  if (length === 0) {
    return [heading, element("p", { class: "muted" }, words.details.nothing)];
  }
  return [
    heading,
    ...flawsOf(message),
    octetsView(message, {
      isHex,
      onTell: (part) =>
        explanation.replaceChildren(...explanationOf(part, bytes)),
    }),
  ];
}

/**
 * The mistakes of a message, which explain themselves, each with all parts that have a share in it.
 *
 * @param {Kept} message
 */
function flawsOf({ bytes, parts }) {
  /** @type {Map<string, Part[]>} */
  const flaws = new Map();
  for (const part of parts) {
    if (part.kind !== "wrong") continue;
    flaws.set(part.note ?? "", [...flaws.get(part.note ?? "") ?? [], part]);
  }
  if (flaws.size === 0) return [];
  return [element(
    "ul",
    { class: "flaws" },
    ...[...flaws.values()].map((wrong) => flawOf(wrong, bytes)),
  )];
}

/**
 * @param {Part[]} wrong
 * @param {Uint8Array} bytes
 */
function flawOf(wrong, bytes) {
  const first = bytes.subarray(wrong[0].from, wrong[0].to);
  const quotes = wrong.slice(0, 3).map(({ from, to }) =>
    element(
      "code",
      {},
      visible(bytes.subarray(from, Math.min(to, from + MOST_QUOTED))).trim() ||
        words.details.space,
    )
  );
  return element(
    "li",
    {},
    ...quotes.flatMap((quote) => [quote, " "]),
    ...wrong.length > 3 ? [words.details.andMore(wrong.length - 3), " "] : [],
    `${wrong[0].note}. `,
    sectionLink(wrong[0], first),
    ...linksOf(wrong[0], visible(first)),
  );
}
