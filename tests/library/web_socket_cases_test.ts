/**
 * What a WebSocket endpoint has to bear, in the order and by the numbers of the
 * Autobahn test suite, whose own program needs a Python of long ago: framing,
 * pings, reserved bits and opcodes, fragments, UTF-8, closing, and sizes.
 *
 * Each case is said to a server of ours and to `Deno.serve`. Both must do the same,
 * and what RFC 6455 asks for. A connection that is to fail may end with a Close or
 * without one (RFC 6455 §7.1.7); Deno sends one for a wrong code only.
 */

import { assertEquals } from "@std/assert";
import { type Handler, serve } from "../../mod.ts";
import {
  closing,
  encodeFrame,
  FrameClient,
  octets,
  opcodes,
  type Unusual,
} from "../support/web_socket_client.ts";

const { continuation, text, binary, close, ping, pong } = opcodes;

/** What a client says, and what it must hear. */
interface Case {
  says: Uint8Array[];
  /** What of it the server takes for a message or a ping. */
  hears: string[];
  /** Whether the connection has to fail; else the client closes it. */
  fails?: boolean;
  /** How it ends, where the client closes in another way than with 1000. */
  ends?: string;
  /** Octets in each packet. Default: a frame in each. */
  pieces?: number;
}

const part: Unusual = { isFinal: false };
const star = "*".repeat.bind("*");
const hello = "Hello, world!";
const greek = "Hello-µ@ßöäüàá-UTF-8!!";

/** A frame, in short. */
const f = encodeFrame;

/** How a message is told of: as itself, if it is short. */
function told(kind: string, payload: string | Uint8Array): string {
  const data = octets(payload);
  if (data.length > 100) return `${kind} of ${data.length}`;
  return `${kind} ${new TextDecoder("latin1").decode(data)}`;
}

const cases: Record<string, Case> = {};

// 1: framing.
for (const [number, opcode] of [[1, text], [2, binary]] as const) {
  const kind = number === 1 ? "text" : "binary";
  const sizes = [0, 125, 126, 127, 128, 65_535, 65_536];
  for (const [index, size] of sizes.entries()) {
    cases[`1.${number}.${index + 1}`] = {
      says: [f(opcode, star(size))],
      hears: [told(kind, star(size))],
    };
  }
  cases[`1.${number}.8`] = {
    says: [f(opcode, star(65_536))],
    hears: [told(kind, star(65_536))],
    pieces: 997,
  };
}

// 2: pings and pongs.
const strange = Uint8Array.of(0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff);
const tenPings = Array.from({ length: 10 }, (_, at) => `payload-${at}`);
Object.assign(cases, {
  "2.1": { says: [f(ping)], hears: ["pong "] },
  "2.2": { says: [f(ping, hello)], hears: [`pong ${hello}`] },
  "2.3": { says: [f(ping, strange)], hears: [told("pong", strange)] },
  "2.4": { says: [f(ping, star(125))], hears: ["pong of 125"] },
  "2.5": { says: [f(ping, star(126))], hears: [], fails: true },
  "2.6": { says: [f(ping, star(125))], hears: ["pong of 125"], pieces: 1 },
  "2.7": { says: [f(pong)], hears: [] },
  "2.8": { says: [f(pong, "unsolicited")], hears: [] },
  "2.9": {
    says: [f(pong, "unsolicited"), f(ping, "asked")],
    hears: ["pong asked"],
  },
  "2.10": {
    says: tenPings.map((payload) => f(ping, payload)),
    hears: tenPings.map((payload) => `pong ${payload}`),
  },
  "2.11": {
    says: tenPings.map((payload) => f(ping, payload)),
    hears: tenPings.map((payload) => `pong ${payload}`),
    pieces: 1,
  },
});

// 3: reserved bits; 4: reserved opcodes.
for (let reserved = 1; reserved <= 7; reserved++) {
  const opcode = [0, text, text, text, text, binary, ping, close][reserved];
  cases[`3.${reserved}`] = {
    says: [f(text, hello), f(opcode, "", { reserved }), f(ping)],
    hears: [`text ${hello}`],
    fails: true,
    pieces: reserved === 4 ? 1 : undefined,
  };
}
for (const [index, opcode] of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].entries()) {
  const number = index < 5 ? `4.1.${index + 1}` : `4.2.${index - 4}`;
  cases[number] = {
    says: [f(text, hello), f(opcode, index % 2 ? hello : ""), f(ping)],
    hears: [`text ${hello}`],
    fails: true,
    pieces: index % 5 === 4 ? 1 : undefined,
  };
}

// 5: fragments; each also octet by octet.
const inFragments: Record<string, Case> = {
  "5.1": {
    says: [f(ping, "one", part), f(continuation, "two")],
    hears: [],
    fails: true,
  },
  "5.2": {
    says: [f(pong, "one", part), f(continuation, "two")],
    hears: [],
    fails: true,
  },
  "5.3": {
    says: [f(text, "one", part), f(continuation, "two")],
    hears: ["text onetwo"],
  },
  "5.6": {
    says: [f(text, "one", part), f(ping, "there?"), f(continuation, "two")],
    hears: ["pong there?", "text onetwo"],
  },
  "5.9": { says: [f(continuation, "x"), f(text, "y")], hears: [], fails: true },
  "5.12": {
    says: [f(continuation, "x", part), f(text, "y")],
    hears: [],
    fails: true,
  },
  "5.15": {
    says: [
      f(text, "one", part),
      f(continuation, "two"),
      f(continuation, "three", part),
      f(text, "four"),
    ],
    hears: ["text onetwo"],
    fails: true,
  },
  "5.18": {
    says: [f(text, "one", part), f(text, "two")],
    hears: [],
    fails: true,
  },
  "5.19": {
    says: [
      f(text, "1", part),
      f(continuation, "2", part),
      f(ping, "first"),
      f(continuation, "3", part),
      f(continuation, "4", part),
      f(ping, "second"),
      f(continuation, "5"),
    ],
    hears: ["pong first", "pong second", "text 12345"],
  },
};
for (const [number, each] of Object.entries(inFragments)) {
  cases[number] = each;
  cases[`${number}, octet by octet`] = { ...each, pieces: 1 };
}

// 6: UTF-8. First what is, then what is not.
const middle = octets(greek).length / 2 | 0;
const fragments = (data: Uint8Array, ...cuts: number[]) =>
  [0, ...cuts].map((from, at) =>
    f(at === 0 ? text : continuation, data.subarray(from, cuts[at]), {
      isFinal: at === cuts.length,
    })
  );
Object.assign(cases, {
  "6.1.1": { says: [f(text)], hears: ["text "] },
  "6.1.2": {
    says: fragments(new Uint8Array(), 0, 0),
    hears: ["text "],
  },
  "6.1.3": {
    says: [f(text, "", part), f(continuation, "mid", part), f(continuation)],
    hears: ["text mid"],
  },
  "6.2.1": { says: [f(text, greek)], hears: [told("text", greek)] },
  "6.2.2": {
    says: fragments(octets(greek), middle),
    hears: [told("text", greek)],
  },
  "6.2.3": {
    says: fragments(octets(greek), ...octets(greek).keys().drop(1)),
    hears: [told("text", greek)],
  },
});
const valid: Record<string, string> = {
  "6.5.1": "κόσμε",
  "6.7.1": "\u0000",
  "6.7.2": "\u0080",
  "6.7.3": "\u0800",
  "6.7.4": "\u{10000}",
  "6.9.1": "\u007f",
  "6.9.2": "\u07ff",
  "6.9.3": "\uffff",
  "6.9.4": "\u{10ffff}",
  "6.11.1": "\ud7ff",
  "6.11.2": "\ue000",
  "6.11.3": "\ufffd",
  "6.11.4": "\u{10ffff}",
  "6.22.1": "\ufffe",
  "6.22.2": "\uffff",
  "6.22.3": "\u{1fffe}",
  "6.22.34": "\u{10ffff}",
  "6.23.1": "\ufff9\ufffa\ufffb\ufffc\ufffd\ufffe\uffff",
};
for (const [number, message] of Object.entries(valid)) {
  cases[number] = {
    says: [f(text, message)],
    hears: [told("text", message)],
  };
}
const invalid: Record<string, number[]> = {
  "6.3.1": [...octets("κόσμε"), 0xed, 0xa0, 0x80, ...octets("edited")],
  "6.6.1": [0xce],
  "6.6.4": [0xce, 0xba, 0xe1],
  "6.6.7": [0xce, 0xba, 0xe1, 0xbd, 0xb9, 0xcf],
  "6.8.1": [0xf8, 0x88, 0x80, 0x80, 0x80],
  "6.8.2": [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80],
  "6.10.1": [0xf7, 0xbf, 0xbf, 0xbf],
  "6.10.2": [0xfb, 0xbf, 0xbf, 0xbf, 0xbf],
  "6.11.5": [0xf4, 0x90, 0x80, 0x80],
  "6.12.1": [0x80],
  "6.12.2": [0xbf],
  "6.12.8": [0x80, 0xbf, 0x80, 0xbf, 0x80, 0xbf, 0xbe],
  "6.13.1": [0xc0, 0x20, 0xc1, 0x20],
  "6.13.2": [0xe0, 0x20, 0xe1, 0x20],
  "6.13.3": [0xf0, 0x20, 0xf1, 0x20],
  "6.13.5": [0xfc, 0x20, 0xfd, 0x20],
  "6.14.1": [0xc0],
  "6.14.2": [0xe0, 0x80],
  "6.14.3": [0xf0, 0x80, 0x80],
  "6.14.6": [0xdf],
  "6.14.7": [0xef, 0xbf],
  "6.14.8": [0xf7, 0xbf, 0xbf],
  "6.15.1": [0xc0, 0xe0, 0x80, 0xf0, 0x80, 0x80, 0xef, 0xbf],
  "6.16.1": [0xfe],
  "6.16.2": [0xff],
  "6.16.3": [0xfe, 0xfe, 0xff, 0xff],
  "6.17.1": [0xc0, 0xaf],
  "6.17.2": [0xe0, 0x80, 0xaf],
  "6.17.3": [0xf0, 0x80, 0x80, 0xaf],
  "6.18.1": [0xc1, 0xbf],
  "6.18.2": [0xe0, 0x9f, 0xbf],
  "6.18.3": [0xf0, 0x8f, 0xbf, 0xbf],
  "6.19.1": [0xc0, 0x80],
  "6.19.2": [0xe0, 0x80, 0x80],
  "6.20.1": [0xed, 0xa0, 0x80],
  "6.20.4": [0xed, 0xae, 0x80],
  "6.20.7": [0xed, 0xbf, 0xbf],
  "6.21.1": [0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80],
  "6.21.8": [0xed, 0xaf, 0xbf, 0xed, 0xbf, 0xbf],
};
for (const [number, data] of Object.entries(invalid)) {
  const message = Uint8Array.from(data);
  cases[number] = { says: [f(text, message)], hears: [], fails: true };
  const says = fragments(message, ...message.keys().drop(1));
  cases[`${number}, in fragments`] = { says, hears: [], fails: true };
}

// 7: closing. After a Close nothing more is said.
const endsWith = (payload: Uint8Array | string, ends: string): Case => ({
  says: [f(close, payload)],
  hears: [],
  ends,
});
Object.assign(cases, {
  "7.1.1": { says: [f(text, hello)], hears: [`text ${hello}`] },
  "7.1.2": { ...endsWith(closing(1000), "close 1000"), pieces: undefined },
  "7.1.3": {
    says: [f(close, closing(1000)), f(ping)],
    hears: [],
    ends: "close 1000",
  },
  "7.1.4": {
    says: [f(close, closing(1000)), f(text, hello)],
    hears: [],
    ends: "close 1000",
  },
  "7.1.5": {
    says: [
      f(text, "one", part),
      f(close, closing(1000)),
      f(continuation, "two"),
    ],
    hears: [],
    ends: "close 1000",
  },
  "7.3.1": endsWith("", "close 1005"),
  "7.3.2": { says: [f(close, Uint8Array.of(3))], hears: [], fails: true },
  "7.3.3": endsWith(closing(1000), "close 1000"),
  "7.3.4": endsWith(closing(1000, hello), `close 1000 ${hello}`),
  "7.3.5": endsWith(closing(1000, star(123)), `close 1000 ${star(123)}`),
  "7.5.1": {
    says: [
      f(close, closing(1000, Uint8Array.of(0xce, 0xba, 0xed, 0xa0, 0x80))),
    ],
    hears: [],
    fails: true,
  },
});
const goodCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011];
for (const [index, code] of [...goodCodes, 3000, 3999, 4000, 4999].entries()) {
  cases[`7.7.${index + 1}`] = endsWith(closing(code), `close ${code}`);
}
const badCodes = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
for (const [index, code] of badCodes.entries()) {
  cases[`7.9.${index + 1}`] = {
    says: [f(close, closing(code))],
    hears: [],
    fails: true,
  };
}

// 9: sizes; 10: automatic fragmentation.
const KIB = 1024, MIB = 1024 * KIB;
const sizes = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
for (const [number, opcode] of [[1, text], [2, binary]] as const) {
  for (const [index, size] of sizes.entries()) {
    cases[`9.${number}.${index + 1}`] = {
      says: [f(opcode, star(size))],
      hears: [`${number === 1 ? "text" : "binary"} of ${size}`],
    };
  }
}
for (const [index, size] of [64, KIB, 64 * KIB, MIB].entries()) {
  const whole = octets(star(MIB));
  const cuts = Array.from(
    { length: MIB / size - 1 },
    (_, at) => size * (at + 1),
  );
  cases[`9.3.${index + 1}`] = {
    says: fragments(whole, ...cuts),
    hears: [`text of ${MIB}`],
  };
}
for (const [index, size] of [64, 256, KIB].entries()) {
  cases[`9.5.${index + 1}`] = {
    says: [f(text, star(MIB))],
    hears: [`text of ${MIB}`],
    pieces: size * 64,
  };
}
for (const [index, size] of [0, 16, 64, 256].entries()) {
  cases[`9.7.${index + 1}`] = {
    says: Array.from({ length: 1000 }, () => f(text, star(size))),
    hears: Array(1000).fill(told("text", star(size))),
  };
}
cases["10.1.1"] = {
  says: fragments(octets(star(65_536)), 1300, 2600, 65_000),
  hears: ["text of 65536"],
};

// Where Deno is laxer than RFC 6455: the end of a text may be missing, if it began in
// another fragment; a Close may be longer than other control frames; and a frame may
// have no mask.
for (
  const [number, whole] of [["6.6.4", "κ"], ["6.6.7", "κ\u1f79"], [
    "6.14.7",
    "",
  ]]
) {
  const { says } = cases[`${number}, in fragments`];
  cases[`${number}, in fragments`] = { says, hears: [told("text", whole)] };
}
cases["7.3.6"] = endsWith(closing(1000, star(124)), `close 1000 ${star(124)}`);
cases["without a mask"] = {
  says: [f(text, "bare", { isMasked: false })],
  hears: ["text bare"],
};

const echo: Handler = (request) => {
  const { response, socket } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
};
const where = { hostname: "127.0.0.1", port: 0, onListen() {} };
const names: Record<number, string> = {
  [text]: "text",
  [binary]: "binary",
  [pong]: "pong",
};

/** Says a case; tells what was heard, and how it ended. */
async function hear(
  { says, fails, ends, pieces }: Case,
  { port }: Deno.NetAddr,
): Promise<string[]> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay();
  using client = await FrameClient.shakeHands(conn);
  const frames = fails || ends ? says : [...says, f(close, closing(1000))];
  const speaking = speak(client, frames, pieces);
  const heard: string[] = [];
  for (;;) {
    const frame = await client.read();
    if (!frame) heard.push("end");
    else if (frame.opcode === close) heard.push(toldClose(frame.payload));
    else {
      heard.push(told(names[frame.opcode], frame.payload));
      continue;
    }
    await client.drain();
    await speaking;
    return heard;
  }
}

async function speak(
  client: FrameClient,
  frames: Uint8Array[],
  pieces = Infinity,
): Promise<void> {
  try {
    for (const frame of frames) {
      for (let at = 0; at < frame.length; at += pieces) {
        await client.write(frame.subarray(at, at + pieces));
      }
    }
  } catch {
    // A server that has failed the connection takes no more.
  }
}

function toldClose(payload: Uint8Array): string {
  if (payload.length < 2) return "close 1005";
  const reason = new TextDecoder().decode(payload.subarray(2));
  return `close ${payload[0] << 8 | payload[1]} ${reason}`.trimEnd();
}

/** Of ends that RFC 6455 allows alike, one. */
function judged(heard: string[], { fails }: Case): string[] {
  const end = heard.at(-1)!;
  const isFailure = end === "end" || /^close (?:1002|1007|1009)/.test(end);
  return fails && isFailure ? [...heard.slice(0, -1), "failure"] : heard;
}

for (const [number, each] of Object.entries(cases)) {
  Deno.test(`case ${number}`, async () => {
    await using ours = serve(where, echo);
    await using native = Deno.serve(where, echo as Deno.ServeHandler);
    const [heard, heardOfNative] = await Promise.all([
      hear(each, ours.addr),
      hear(each, native.addr),
    ]);
    assertEquals(heard, heardOfNative);
    const end = each.fails ? "failure" : each.ends ?? "close 1000";
    assertEquals(judged(heard, each), [...each.hears, end]);
  });
}
